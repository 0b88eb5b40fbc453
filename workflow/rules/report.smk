# The page.


rule report:
    input:
        needed(results, "report", "campaign"),
    output:
        "report/done.json",
    log:
        log_file("report", results.name),
    shell:
        job("report", "campaign")
