# Diffusivity of each run, and the Arrhenius line of each material.


rule transport:
    input:
        markers(results, "transport"),


rule transport_of_run:
    input:
        lambda wildcards: needed(results, "transport", "run", wildcards.run),
    output:
        "runs/{run}/transport/done.json",
    log:
        log_file("transport", "{run}"),
    priority: lambda wildcards: run_priority(results, wildcards.run)
    shell:
        job("transport", "run")


rule transport_of_material:
    input:
        lambda wildcards: needed(results, "transport", "material", wildcards.material),
    output:
        "materials/{material}/transport/done.json",
    log:
        log_file("transport", "{material}"),
    priority: lambda wildcards: material_priority(results, wildcards.material)
    shell:
        job("transport", "material")
