"""What processors say of a word in one instruction: its zeros at either end, a product's top."""
# ruff: noqa: ANN401 - what writes the machine's code has no types

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

_U8 = types.uint64
_WORD, _WIDE, _FLAG = ir.IntType(64), ir.IntType(128), ir.IntType(1)

_One = Callable[[np.uint64], np.uint64]
_Two = Callable[[np.uint64, np.uint64], np.uint64]


def _zeros(name: str) -> _One:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        form = ir.FunctionType(_WORD, [_WORD, _FLAG])
        count = builder.module.declare_intrinsic(f"llvm.{name}", [_WORD], form)
        # a word of zeros has 64
        return builder.call(count, [args[0], _FLAG(0)])

    def zeros(_typing: Any, _word: Any) -> Any:
        return _U8(_U8), generate

    return cast("_One", intrinsic(zeros))


def _upper(_typing: Any, _one: Any, _other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        product = builder.mul(*(builder.zext(arg, _WIDE) for arg in args))
        return builder.trunc(builder.lshr(product, _WIDE(64)), _WORD)

    return _U8(_U8, _U8), generate


leading_zeros, trailing_zeros = _zeros("ctlz"), _zeros("cttz")
"""Count the zero bits above the highest one, and below the lowest; 64 where all are zero."""
upper = cast("_Two", intrinsic(_upper))
"""The upper half of a product of 128 bits."""
