# Snapshots relaxed.


rule minimize:
    input:
        markers(results, "minimize"),


rule minimize_of_run:
    input:
        lambda wildcards: needed(results, "minimize", "run", wildcards.run),
    output:
        "runs/{run}/minimize/done.json",
    log:
        log_file("minimize", "{run}"),
    priority: lambda wildcards: run_priority(results, wildcards.run) + results.run(wildcards.run).temperature
    shell:
        job("minimize", "run")
