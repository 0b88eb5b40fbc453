# Each stage is one job: it submits what is left of the stage as arrays, and waits for them. Its only output says
# that all of the stage is done; the markers of runs and materials are no outputs, because Snakemake deletes those
# of a job that fails.


for stage in STAGE_NAMES:

    rule:
        name: stage
        input:
            stage_files_before(stage),
        output:
            stage_file(stage),
        log:
            log_file("submit", stage),
        # not in `shell`, which is read when the loop is over
        params:
            command=submission(stage, campaign_path, config.get("site")),
        shell:
            "{params.command} > {log} 2>&1 && touch {output}"
