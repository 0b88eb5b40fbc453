# States of each run, and the density of states of each material.


rule doas:
    input:
        markers(results, "doas"),


rule doas_of_run:
    input:
        lambda wildcards: needed(results, "doas", "run", wildcards.run),
    output:
        "runs/{run}/doas/done.json",
    log:
        log_file("doas", "{run}"),
    priority: lambda wildcards: run_priority(results, wildcards.run)
    shell:
        job("doas", "run")


rule doas_of_material:
    input:
        lambda wildcards: needed(results, "doas", "material", wildcards.material),
    output:
        "materials/{material}/doas/done.json",
    log:
        log_file("doas", "{material}"),
    priority: lambda wildcards: material_priority(results, wildcards.material)
    shell:
        job("doas", "material")
