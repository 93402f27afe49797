"""Reads of words at any address, and 128-bit products: what the compiler has no name for.

An address is of memory that an array of the caller's holds for as long as the loop runs, and
whoever reads has checked that the bytes are there.
"""
# ruff: noqa: ANN401 - what writes the machine's code has no types

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from drift_core.types import AnyArray

_U8 = types.uint64
_WORD, _WIDE, _FLAG = ir.IntType(64), ir.IntType(128), ir.IntType(32)

_One = Callable[[np.uint64], np.uint64]
_Two = Callable[[np.uint64, np.uint64], np.uint64]


def _reader(bits: int) -> _One:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(bits).as_pointer())
        value = builder.load(pointer, align=1)
        return value if bits == _WORD.width else builder.zext(value, _WORD)

    def read(_typing: Any, _address: Any) -> Any:
        return _U8(_U8), generate

    return cast("_One", intrinsic(read))


def _fold(_typing: Any, _one: Any, _other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        product = builder.mul(*(builder.zext(arg, _WIDE) for arg in args))
        upper = builder.trunc(builder.lshr(product, _WIDE(64)), _WORD)
        return builder.xor(upper, builder.trunc(product, _WORD))

    return _U8(_U8, _U8), generate


def _prefetch(_typing: Any, _address: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        form = ir.FunctionType(ir.VoidType(), [pointer.type, _FLAG, _FLAG, _FLAG])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], form)
        # to read, to keep in every cache, data rather than code
        builder.call(ask, [pointer, _FLAG(0), _FLAG(3), _FLAG(1)])
        return context.get_dummy_value()

    return types.void(_U8), generate


def _pointer(_typing: Any, _address: Any, like: Any) -> Any:
    kind = types.CPointer(like.dtype)  # type: ignore[no-untyped-call]

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(kind))

    return kind(_U8, like), generate


load1, load2, load4, load8 = (_reader(bits) for bits in (8, 16, 32, 64))
"""Read so many bytes at an address, the first as the lowest."""
fold = cast("_Two", intrinsic(_fold))
"""Multiply, and join both halves of the product by exclusive or."""
pointer = cast("Callable[[np.uint64, AnyArray], Any]", intrinsic(_pointer))
"""Point to an address as to values of an array's type; for numba's `carray`."""
prefetch = cast("Callable[[np.uint64], None]", intrinsic(_prefetch))
"""Ask for an address's line of cache; any address will do, nothing need be there."""
