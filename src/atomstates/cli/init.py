"""``atomstates init``: a material and a campaign for the user's own crystal and potential."""

import sys
from pathlib import Path

import yaml

from atomstates.campaign.descriptions import schema
from atomstates.campaign.reading import validated
from atomstates.campaign.schema import Campaign, Material
from atomstates.check.campaign import size_text
from atomstates.check.estimate import disk
from atomstates.check.material import examined
from atomstates.check.settings import settings_checks
from atomstates.cli.schema import FILES
from atomstates.errors import InputError
from atomstates.init.asking import Asker
from atomstates.init.draft import Options, draft
from atomstates.init.writing import MARK, campaign_text, material_text, value_text
from atomstates.products import written_whole


def start_campaign(options: Options, folder: Path, *, asks: bool, overwrite: bool, schemas: bool) -> None:
    """Write ``NAME.yaml`` and ``NAME-campaign.yaml``, which pass ``check``, and say what was guessed.

    Raises
    ------
    InputError
        Something cannot be read or guessed, does not fit together, or would be overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers = draft(options, Asker(asks and sys.stdin.isatty()), folder)
    material_file, campaign_file = folder / f"{answers.name}.yaml", folder / f"{answers.name}-campaign.yaml"
    there = [str(file) for file in (material_file, campaign_file) if file.exists()]
    if there and not overwrite:
        raise InputError(f"{', '.join(there)}: exist; give another --name, or --overwrite")
    if schemas:
        for kind, name in FILES.items():
            (folder / name).write_text(_json(schema(kind)), encoding="utf-8")
    beside = {kind: name if (folder / name).exists() else None for kind, name in FILES.items()}
    texts = {
        material_file: material_text(answers, beside["material"]),
        campaign_file: campaign_text(answers, material_file.name, answers.name, beside["campaign"]),
    }
    material = validated(yaml.safe_load(texts[material_file]), Material, material_file)
    campaign = validated(yaml.safe_load(texts[campaign_file]), Campaign, campaign_file)
    checks, steps = settings_checks(campaign)
    found = examined(material, material_file, campaign)
    checks += found.checks
    if wrong := [f"  {check.name}: {check.message}" for check in checks if check.status == "FAIL"]:
        raise InputError("nothing was written, because this cannot run:\n" + "\n".join(wrong))
    for file, text in texts.items():
        with written_whole(file) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
        print(f"written: {file}")
    for key, said in answers.guesses.items():
        print(f"{MARK} {key}: {value_text(said.value)} ({said.guessed})")
    for check in checks:
        if check.status == "WARN":
            print(f"WARN {check.name}: {check.message}")
    size = "" if steps is None else f", {size_text(disk(found, campaign, steps).total)} of disk"
    print(f"{answers.n_atoms} atoms, {len(campaign.temperatures_K)} runs{size}. Next:")
    print(f"  atomstates check {campaign_file}   # core-hours, measured")
    print(f"  atomstates run {campaign_file}")


def _json(content: object) -> str:
    from atomstates.products import as_json

    return as_json(content) + "\n"
