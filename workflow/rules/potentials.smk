# The potential chooses the ordering and relaxes the cell.


rule potentials:
    input:
        markers(results, "potentials"),


rule potentials_of_material:
    input:
        lambda wildcards: needed(results, "potentials", "material", wildcards.material),
    output:
        "materials/{material}/potentials/done.json",
    log:
        log_file("potentials", "{material}"),
    priority: lambda wildcards: material_priority(results, wildcards.material)
    shell:
        job("potentials", "material")
