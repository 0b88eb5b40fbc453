# The orderings of each crystal.


rule structures:
    input:
        markers(results, "structures"),


rule structures_of_material:
    output:
        "materials/{material}/structures/done.json",
    log:
        log_file("structures", "{material}"),
    priority: lambda wildcards: material_priority(results, wildcards.material)
    shell:
        job("structures", "material")
