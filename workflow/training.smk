# A potential from a recipe; a workflow of its own, since many campaigns share a potential:
#     snakemake -s workflow/training.smk -c 1 --config recipe=RECIPE.yaml folder=FOLDER
# On a cluster as a job array, for which the rule waits (`training` in the site file says what a task gets):
#     snakemake -s workflow/training.smk -c 1 --config recipe=RECIPE.yaml folder=FOLDER executor=slurm tasks=4
#
# The work folder keeps what is done, and is never declared: Snakemake deletes the outputs of jobs that fail. The
# same line again goes on; a recipe that was changed is trained on.
import sys
from pathlib import Path

from atomstates.errors import InputError
from atomstates.slurm.site import read_site
from atomstates.slurm.training import training_command

if "recipe" not in config:
    raise InputError("say which recipe: --config recipe=RECIPE.yaml folder=FOLDER")
recipe, folder = Path(config["recipe"]), Path(config.get("folder", "potential"))
on_slurm = config.get("executor") == "slurm"
site = read_site(Path(config["site"]) if "site" in config else None)[0] if on_slurm else None
teacher = ["--teacher-python", config["teacher_python"]] if "teacher_python" in config else []

# programs are found beside this Python, whether its environment is activated or not
shell.prefix(f"export PATH='{Path(sys.executable).parent}':\"$PATH\"; ")


rule training:
    default_target: True
    input:
        recipe,
    output:
        touch(folder / "training.done"),
    params:
        command=training_command(
            recipe, folder, site=site, tasks=int(config.get("tasks", 4)), options=teacher
        ),
    shell:
        "{params.command}"
