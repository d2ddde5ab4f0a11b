"""What every table of the configuration file has in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """One table of the file: unknown keys are errors, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
