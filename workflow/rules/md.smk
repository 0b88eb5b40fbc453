# Molecular dynamics of each run; hot runs first, and before all else of their material: they take longest.


rule md:
    input:
        markers(results, "md"),


rule md_of_run:
    input:
        lambda wildcards: needed(results, "md", "run", wildcards.run),
    output:
        "runs/{run}/md/done.json",
    log:
        log_file("md", "{run}"),
    priority: lambda wildcards: run_priority(results, wildcards.run) + 1000 + results.run(wildcards.run).temperature
    shell:
        job("md", "run")
