# Barriers of the hops that each run showed; those of the ordered crystal, and distributions, of each material.


rule barriers:
    input:
        markers(results, "barriers"),


rule barriers_of_run:
    input:
        lambda wildcards: needed(results, "barriers", "run", wildcards.run),
    output:
        "runs/{run}/barriers/done.json",
    log:
        log_file("barriers", "{run}"),
    priority: lambda wildcards: run_priority(results, wildcards.run)
    shell:
        job("barriers", "run")


rule barriers_of_material:
    input:
        lambda wildcards: needed(results, "barriers", "material", wildcards.material),
    output:
        "materials/{material}/barriers/done.json",
    log:
        log_file("barriers", "{material}"),
    priority: lambda wildcards: material_priority(results, wildcards.material)
    shell:
        job("barriers", "material")
