"""Words that tell the phase of a step: commands, operators and names."""

from __future__ import annotations

import re
from functools import cache

from mlaudit.project.pipelines.model import Phase

_COMMANDS = {
    Phase.COLLECTION: r"dvc (?:pull|fetch|import(?:-url)?|get(?:-url)?|update)|kaggle (?:datasets|"
    r"competitions) download|aws s3 (?:cp|sync) s3://|gsutil (?:-m )?(?:cp|rsync) (?:-r )?gs://"
    r"|gcloud storage (?:cp|rsync) gs://|(?:huggingface-cli|hf) download|git lfs pull|azcopy copy",
    Phase.VALIDATION: r"great_expectations checkpoint run|gx checkpoint run|soda scan|dbt test"
    r"|dbt build",
    Phase.FEATURES: r"feast (?:apply|materialize\S*)|dbt run|feathr \w+",
    Phase.TRAINING: r"aws sagemaker (?:create-training-job|create-hyper-parameter-tuning-job)"
    r"|gcloud ai custom-jobs create|gcloud ai-platform jobs submit training|spacy train|rasa train"
    r"|yolo (?:\w+ )?train|ludwig train|llamafactory-cli train|axolotl train|wandb agent|tune run"
    r"|nnUNetv2_train|fairseq-train|lightning run model",
    Phase.EVALUATION: r"lm_eval|lm-eval|spacy evaluate|rasa test|promptfoo eval|inspect eval"
    r"|ludwig evaluate|deepeval test|nnUNetv2_evaluate\w*|fairseq-generate",
    Phase.REGISTRATION: r"az ml model (?:create|register)"
    r"|aws sagemaker (?:create|update)-model-package|gcloud ai models upload"
    r"|(?:huggingface-cli|hf) upload|gto (?:register|assign)|bentoml push"
    r"|wandb artifact put|dvc (?:push|exp push)|cog push",
    Phase.DEPLOYMENT: r"kubectl (?:apply|set image|rollout restart|create -f)"
    r"|helm (?:upgrade|install)|bentoml (?:cloud )?deploy"
    r"|az ml (?:online|batch)-(?:deployment|endpoint) (?:create|update)"
    r"|gcloud (?:ai endpoints deploy-model|run deploy|app deploy)|databricks bundle deploy"
    r"|cdk deploy|sam deploy|eb deploy|aws (?:ecs update-service|cloudformation deploy|"
    r"sagemaker (?:create|update)-endpoint|lambda update-function-code)|fly(?:ctl)? deploy"
    r"|modal deploy|anyscale service (?:rollout|deploy)|(?:serverless|sls) deploy"
    r"|mlflow (?:deployments create|models serve)|argocd app sync|terraform apply",
    Phase.MONITORING: r"evidently \w+|az ml schedule create|whylogs \w+",
}
_FIRST = frozenset(
    {"anyscale", "argocd", "aws", "axolotl", "az", "azcopy", "bentoml", "cdk", "cog", "databricks",
     "dbt", "deepeval", "dvc", "eb", "evidently", "fairseq-generate", "fairseq-train", "feast",
     "feathr", "fly", "flyctl", "gcloud", "git", "great_expectations", "gsutil", "gto", "gx",
     "helm", "hf", "huggingface-cli", "inspect", "kaggle", "kubectl", "lightning",
     "llamafactory-cli", "lm-eval", "lm_eval", "ludwig", "mlflow", "modal", "nnUNetv2_train",
     "promptfoo", "rasa", "sam", "serverless", "sls", "soda", "spacy", "terraform", "tune", "wandb",
     "whylogs", "yolo"}
)  # fmt: skip
"""The first words of the commands, for a cheap look."""
_LIBRARIES = {
    Phase.COLLECTION: r"ToS3Operator|ToGCS\w*Operator|S3ToRedshift\w*|SimpleHttpOperator",
    Phase.VALIDATION: r"GreatExpectations\w*Operator|GX\w*Operator|SodaScan\w*|SQL\w*CheckOperator"
    r"|QualityCheckStep|TensorflowDataValidation\w*|ClarifyCheckStep",
    Phase.FEATURES: r"ProcessingStep|SageMakerProcessingOperator|SageMakerTransformOperator",
    Phase.TRAINING: r"TrainingStep|TuningStep|AutoMLStep|SageMakerTrainingOperator|SageMakerTuning"
    r"Operator|Create\w*Training\w*Operator|CustomTrainingJobOp|\w*AutoML\w*Training\w*"
    r"|MLEngineStartTrainingJobOperator|CustomTrainingJob\w*",
    Phase.EVALUATION: r"ModelEvaluation\w*|\w*EvaluateModelOperator",
    Phase.REGISTRATION: r"RegisterModel|ModelStep|ModelUploadOp|SageMakerModelOperator"
    r"|UploadModelOperator|SageMakerRegisterModelVersionOperator|CreateModelStep",
    Phase.DEPLOYMENT: r"ModelDeployOp|EndpointCreateOp|SageMakerEndpointOperator"
    r"|DeployModelOperator",
    Phase.MONITORING: r"MonitorBatchTransformStep|ModelMonitor\w*",
}
"""The last part of the name of an operator, step or component."""
_NAMES = {
    Phase.COLLECTION: r"ingest\w*|extract\w*|fetch\w*|download\w*|load|collect\w*|get",
    Phase.VALIDATION: r"validate|validation|check\w*|quality|verify",
    Phase.FEATURES: r"featur\w+|preprocess\w*|transform\w*|prepar\w+|prep|split"
    r"|clean\w*|process\w*",
    Phase.TRAINING: r"(?:re)?train(?:ing|er)?|fit|fine|finetun\w*|tun(?:e|ing)|hpo",
    Phase.EVALUATION: r"eval\w*|tests?|scor(?:e|ing)|metrics?|benchmark|compare",
    Phase.REGISTRATION: r"regist\w*|promot\w*|publish|push",
    Phase.DEPLOYMENT: r"deploy\w*|serv(?:e|ing)|releas\w+|rollout",
    Phase.MONITORING: r"monitor\w*|drift",
}
_SPLIT = re.compile(r"[^a-zA-Z]+|(?<=[a-z])(?=[A-Z])")


@cache
def _compiled(table: str) -> tuple[tuple[Phase, re.Pattern[str]], ...]:
    rows = {"commands": _COMMANDS, "libraries": _LIBRARIES, "names": _NAMES}[table]
    around = {"commands": r"(?<![\w-])(?:%s)(?![\w-])", "libraries": r"%s", "names": r"(?i:%s)"}
    return tuple((phase, re.compile(around[table] % f"(?:{text})")) for phase, text in rows.items())


def in_command(text: str) -> tuple[tuple[Phase, str], ...]:
    """The phases that a command shows, each with the words of it that do."""
    if _FIRST.isdisjoint(text.split()):
        return ()
    found = ((phase, one.search(text)) for phase, one in _compiled("commands"))
    return tuple((phase, match[0]) for phase, match in found if match)


def in_library(name: str) -> tuple[Phase, ...]:
    """The phases of an operator or component of a library, by its full name."""
    last = "" if "/" in name else name.rpartition(".")[2]
    if not last[:1].isupper():
        return ()  # an action, or no class
    return tuple(phase for phase, one in _compiled("libraries") if one.fullmatch(last))


def in_name(name: str) -> tuple[Phase, ...]:
    """The phases that the words of a name speak of."""
    words = [word for word in _SPLIT.split(name) if word]
    return tuple(phase for phase, one in _compiled("names") if any(map(one.fullmatch, words)))
