// Written by scripts/generate-ops.mjs from libtorch's schemas and operators.txt; not by hand.
import { overloaded } from './dispatch.ts'
import type { Generator } from './random.ts'
import { type Device, type Dtype, type MemoryFormat, Tensor } from './tensor.ts'

export interface Operators {
  /** aten::abs(Tensor self) -> Tensor */
  abs(self: Tensor): Tensor
  /** aten::neg(Tensor self) -> Tensor */
  neg(self: Tensor): Tensor
  /** aten::exp(Tensor self) -> Tensor */
  exp(self: Tensor): Tensor
  /** aten::exp2(Tensor self) -> Tensor */
  exp2(self: Tensor): Tensor
  /** aten::expm1(Tensor self) -> Tensor */
  expm1(self: Tensor): Tensor
  /** aten::log(Tensor self) -> Tensor */
  log(self: Tensor): Tensor
  /** aten::log1p(Tensor self) -> Tensor */
  log1p(self: Tensor): Tensor
  /** aten::log2(Tensor self) -> Tensor */
  log2(self: Tensor): Tensor
  /** aten::sqrt(Tensor self) -> Tensor */
  sqrt(self: Tensor): Tensor
  /** aten::rsqrt(Tensor self) -> Tensor */
  rsqrt(self: Tensor): Tensor
  /** aten::reciprocal(Tensor self) -> Tensor */
  reciprocal(self: Tensor): Tensor
  /** aten::square(Tensor self) -> Tensor */
  square(self: Tensor): Tensor
  /** aten::sign(Tensor self) -> Tensor */
  sign(self: Tensor): Tensor
  /** aten::sin(Tensor self) -> Tensor */
  sin(self: Tensor): Tensor
  /** aten::cos(Tensor self) -> Tensor */
  cos(self: Tensor): Tensor
  /** aten::tan(Tensor self) -> Tensor */
  tan(self: Tensor): Tensor
  /** aten::tanh(Tensor self) -> Tensor */
  tanh(self: Tensor): Tensor
  /** aten::sinh(Tensor self) -> Tensor */
  sinh(self: Tensor): Tensor
  /** aten::cosh(Tensor self) -> Tensor */
  cosh(self: Tensor): Tensor
  /** aten::asin(Tensor self) -> Tensor */
  asin(self: Tensor): Tensor
  /** aten::acos(Tensor self) -> Tensor */
  acos(self: Tensor): Tensor
  /** aten::atan(Tensor self) -> Tensor */
  atan(self: Tensor): Tensor
  /** aten::sigmoid(Tensor self) -> Tensor */
  sigmoid(self: Tensor): Tensor
  /** aten::erf(Tensor self) -> Tensor */
  erf(self: Tensor): Tensor
  /** aten::erfinv(Tensor self) -> Tensor */
  erfinv(self: Tensor): Tensor
  /** aten::floor(Tensor self) -> Tensor */
  floor(self: Tensor): Tensor
  /** aten::ceil(Tensor self) -> Tensor */
  ceil(self: Tensor): Tensor
  /** aten::round(Tensor self) -> Tensor */
  round(self: Tensor): Tensor
  /** aten::trunc(Tensor self) -> Tensor */
  trunc(self: Tensor): Tensor
  /** aten::frac(Tensor self) -> Tensor */
  frac(self: Tensor): Tensor
  /** aten::isnan(Tensor self) -> Tensor */
  isnan(self: Tensor): Tensor
  /** aten::isinf(Tensor self) -> Tensor */
  isinf(self: Tensor): Tensor
  /** aten::isfinite(Tensor self) -> Tensor */
  isfinite(self: Tensor): Tensor
  /** aten::logical_not(Tensor self) -> Tensor */
  logicalNot(self: Tensor): Tensor
  /** aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor */
  nanToNum(self: Tensor, options?: { nan?: number | null; posinf?: number | null; neginf?: number | null }): Tensor
  /** aten::lgamma(Tensor self) -> Tensor */
  lgamma(self: Tensor): Tensor
  /** aten::digamma(Tensor self) -> Tensor */
  digamma(self: Tensor): Tensor
  /** aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor */
  add(self: Tensor, other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor */
  sub(self: Tensor, other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::mul.Tensor(Tensor self, Tensor other) -> Tensor */
  mul(self: Tensor, other: Tensor | number): Tensor
  /** aten::div.Tensor(Tensor self, Tensor other) -> Tensor */
  div(self: Tensor, other: Tensor | number): Tensor
  /** aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor */
  div(self: Tensor, other: Tensor | number, roundingMode: string | null): Tensor
  /** aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor */
  remainder(self: Tensor, other: Tensor | number): Tensor
  /** aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor */
  pow(self: Tensor, exponent: Tensor | number): Tensor
  /** aten::atan2(Tensor self, Tensor other) -> Tensor */
  atan2(self: Tensor, other: Tensor | number): Tensor
  /** aten::maximum(Tensor self, Tensor other) -> Tensor */
  maximum(self: Tensor, other: Tensor | number): Tensor
  /** aten::minimum(Tensor self, Tensor other) -> Tensor */
  minimum(self: Tensor, other: Tensor | number): Tensor
  /** aten::fmod.Tensor(Tensor self, Tensor other) -> Tensor */
  fmod(self: Tensor, other: Tensor | number): Tensor
  /** aten::floor_divide(Tensor self, Tensor other) -> Tensor */
  floorDivide(self: Tensor, other: Tensor | number): Tensor
  /** aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor */
  lerp(self: Tensor, end: Tensor, weight: number): Tensor
  /** aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor */
  lerp(self: Tensor, end: Tensor, weight: Tensor): Tensor
  /** aten::logaddexp(Tensor self, Tensor other) -> Tensor */
  logaddexp(self: Tensor, other: Tensor | number): Tensor
  /** aten::xlogy.Tensor(Tensor self, Tensor other) -> Tensor */
  xlogy(self: Tensor, other: Tensor | number): Tensor
  /** aten::hypot(Tensor self, Tensor other) -> Tensor */
  hypot(self: Tensor, other: Tensor | number): Tensor
  /** aten::addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcmul(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcdiv(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor */
  clamp(self: Tensor, options?: { min?: number | null; max?: number | null }): Tensor
  /** aten::clamp_min(Tensor self, Scalar min) -> Tensor */
  clampMin(self: Tensor, min: number): Tensor
  /** aten::clamp_max(Tensor self, Scalar max) -> Tensor */
  clampMax(self: Tensor, max: number): Tensor
  /** aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor */
  where(condition: Tensor, self: Tensor, other: Tensor | number): Tensor
  /** aten::eq.Tensor(Tensor self, Tensor other) -> Tensor */
  eq(self: Tensor, other: Tensor | number): Tensor
  /** aten::ne.Tensor(Tensor self, Tensor other) -> Tensor */
  ne(self: Tensor, other: Tensor | number): Tensor
  /** aten::lt.Tensor(Tensor self, Tensor other) -> Tensor */
  lt(self: Tensor, other: Tensor | number): Tensor
  /** aten::le.Tensor(Tensor self, Tensor other) -> Tensor */
  le(self: Tensor, other: Tensor | number): Tensor
  /** aten::gt.Tensor(Tensor self, Tensor other) -> Tensor */
  gt(self: Tensor, other: Tensor | number): Tensor
  /** aten::ge.Tensor(Tensor self, Tensor other) -> Tensor */
  ge(self: Tensor, other: Tensor | number): Tensor
  /** aten::logical_and(Tensor self, Tensor other) -> Tensor */
  logicalAnd(self: Tensor, other: Tensor | number): Tensor
  /** aten::logical_or(Tensor self, Tensor other) -> Tensor */
  logicalOr(self: Tensor, other: Tensor | number): Tensor
  /** aten::logical_xor(Tensor self, Tensor other) -> Tensor */
  logicalXor(self: Tensor, other: Tensor | number): Tensor
  /** aten::isclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False) -> Tensor */
  isclose(self: Tensor, other: Tensor | number, options?: { rtol?: number; atol?: number; equalNan?: boolean }): Tensor
  /** aten::allclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False) -> bool */
  allclose(self: Tensor, other: Tensor | number, options?: { rtol?: number; atol?: number; equalNan?: boolean }): boolean
  /** aten::equal(Tensor self, Tensor other) -> bool */
  equal(self: Tensor, other: Tensor | number): boolean
  /** aten::bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseAnd(self: Tensor, other: Tensor | number): Tensor
  /** aten::bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseOr(self: Tensor, other: Tensor | number): Tensor
  /** aten::bitwise_xor.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseXor(self: Tensor, other: Tensor | number): Tensor
  /** aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!) */
  add_(self: Tensor, other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::sub_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!) */
  sub_(self: Tensor, other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::mul_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!) */
  mul_(self: Tensor, other: Tensor | number): Tensor
  /** aten::div_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!) */
  div_(self: Tensor, other: Tensor | number): Tensor
  /** aten::neg_(Tensor(a!) self) -> Tensor(a!) */
  neg_(self: Tensor): Tensor
  /** aten::exp_(Tensor(a!) self) -> Tensor(a!) */
  exp_(self: Tensor): Tensor
  /** aten::sqrt_(Tensor(a!) self) -> Tensor(a!) */
  sqrt_(self: Tensor): Tensor
  /** aten::abs_(Tensor(a!) self) -> Tensor(a!) */
  abs_(self: Tensor): Tensor
  /** aten::sign_(Tensor(a!) self) -> Tensor(a!) */
  sign_(self: Tensor): Tensor
  /** aten::clamp_(Tensor(a!) self, Scalar? min=None, Scalar? max=None) -> Tensor(a!) */
  clamp_(self: Tensor, options?: { min?: number | null; max?: number | null }): Tensor
  /** aten::clamp_min_(Tensor(a!) self, Scalar min) -> Tensor(a!) */
  clampMin_(self: Tensor, min: number): Tensor
  /** aten::clamp_max_(Tensor(a!) self, Scalar max) -> Tensor(a!) */
  clampMax_(self: Tensor, max: number): Tensor
  /** aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!) */
  copy_(self: Tensor, src: Tensor, options?: { nonBlocking?: boolean }): Tensor
  /** aten::fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!) */
  fill_(self: Tensor, value: number): Tensor
  /** aten::zero_(Tensor(a!) self) -> Tensor(a!) */
  zero_(self: Tensor): Tensor
  /** aten::lerp_.Scalar(Tensor(a!) self, Tensor end, Scalar weight) -> Tensor(a!) */
  lerp_(self: Tensor, end: Tensor, weight: number): Tensor
  /** aten::addcmul_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::addcdiv_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::index_copy_(Tensor(a!) self, int dim, Tensor index, Tensor source) -> Tensor(a!) */
  indexCopy_(self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor
  /** aten::index_add_(Tensor(a!) self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor(a!) */
  indexAdd_(self: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }): Tensor
  /** aten::index_fill_.int_Scalar(Tensor(a!) self, int dim, Tensor index, Scalar value) -> Tensor(a!) */
  indexFill_(self: Tensor, dim: number, index: Tensor, value: number): Tensor
  /** aten::index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor(a!) */
  indexPut_(self: Tensor, indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }): Tensor
  /** aten::masked_fill_.Scalar(Tensor(a!) self, Tensor mask, Scalar value) -> Tensor(a!) */
  maskedFill_(self: Tensor, mask: Tensor, value: number): Tensor
  /** aten::scatter_.src(Tensor(a!) self, int dim, Tensor index, Tensor src) -> Tensor(a!) */
  scatter_(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::scatter_add_(Tensor(a!) self, int dim, Tensor index, Tensor src) -> Tensor(a!) */
  scatterAdd_(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::normal_(Tensor(a!) self, float mean=0., float std=1., *, Generator? generator=None) -> Tensor(a!) */
  normal_(self: Tensor, options: { mean?: number; std?: number; generator: Generator }): Tensor
  /** aten::uniform_(Tensor(a!) self, float from=0., float to=1., *, Generator? generator=None) -> Tensor(a!) */
  uniform_(self: Tensor, options: { from?: number; to?: number; generator: Generator }): Tensor
  /** aten::bernoulli_.float(Tensor(a!) self, float p=0.5, *, Generator? generator=None) -> Tensor(a!) */
  bernoulli_(self: Tensor, options: { p?: number; generator: Generator }): Tensor
  /** aten::random_(Tensor(a!) self, *, Generator? generator=None) -> Tensor(a!) */
  random_(self: Tensor, options: { generator: Generator }): Tensor
  /** aten::random_.from(Tensor(a!) self, int from, int? to, *, Generator? generator=None) -> Tensor(a!) */
  random_(self: Tensor, from: number, to: number | null, options: { generator: Generator }): Tensor
  /** aten::pow_.Scalar(Tensor(a!) self, Scalar exponent) -> Tensor(a!) */
  pow_(self: Tensor, exponent: number): Tensor
  /** aten::round_(Tensor(a!) self) -> Tensor(a!) */
  round_(self: Tensor): Tensor
  /** aten::floor_(Tensor(a!) self) -> Tensor(a!) */
  floor_(self: Tensor): Tensor
  /** aten::addmm_(Tensor(a!) self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!) */
  addmm_(self: Tensor, mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  sum(self: Tensor, options?: { dtype?: Dtype | null }): Tensor
  /** aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  sum(self: Tensor, dim: number | readonly number[] | null, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  mean(self: Tensor, options?: { dtype?: Dtype | null }): Tensor
  /** aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  mean(self: Tensor, dim: number | readonly number[] | null, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  prod(self: Tensor, options?: { dtype?: Dtype | null }): Tensor
  /** aten::prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  prod(self: Tensor, dim: number, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::var.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  var(self: Tensor, dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): Tensor
  /** aten::std.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  std(self: Tensor, dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): Tensor
  /** aten::var_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor) */
  varMean(self: Tensor, dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): [Tensor, Tensor]
  /** aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amax(self: Tensor, options?: { dim?: number | readonly number[]; keepdim?: boolean }): Tensor
  /** aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amin(self: Tensor, options?: { dim?: number | readonly number[]; keepdim?: boolean }): Tensor
  /** aten::max(Tensor self) -> Tensor */
  max(self: Tensor): Tensor
  /** aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  max(self: Tensor, dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::min(Tensor self) -> Tensor */
  min(self: Tensor): Tensor
  /** aten::min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  min(self: Tensor, dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmax(self: Tensor, options?: { dim?: number | null; keepdim?: boolean }): Tensor
  /** aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmin(self: Tensor, options?: { dim?: number | null; keepdim?: boolean }): Tensor
  /** aten::any(Tensor self) -> Tensor */
  any(self: Tensor): Tensor
  /** aten::any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  any(self: Tensor, dim: number, options?: { keepdim?: boolean }): Tensor
  /** aten::all(Tensor self) -> Tensor */
  all(self: Tensor): Tensor
  /** aten::all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  all(self: Tensor, dim: number, options?: { keepdim?: boolean }): Tensor
  /** aten::norm.Scalar(Tensor self, Scalar p=2) -> Tensor */
  norm(self: Tensor, options?: { p?: number }): Tensor
  /** aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgVectorNorm(self: Tensor, options?: { ord?: number; dim?: number | readonly number[] | null; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor */
  logsumexp(self: Tensor, dim: number | readonly number[], options?: { keepdim?: boolean }): Tensor
  /** aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumsum(self: Tensor, dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumprod(self: Tensor, dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::logcumsumexp(Tensor self, int dim) -> Tensor */
  logcumsumexp(self: Tensor, dim: number): Tensor
  /** aten::median(Tensor self) -> Tensor */
  median(self: Tensor): Tensor
  /** aten::median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  median(self: Tensor, dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation="linear") -> Tensor */
  quantile(self: Tensor, q: Tensor, options?: { dim?: number | null; keepdim?: boolean; interpolation?: string }): Tensor
  /** aten::count_nonzero(Tensor self, int? dim=None) -> Tensor */
  countNonzero(self: Tensor, options?: { dim?: number | null }): Tensor
  /** aten::argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor */
  argsort(self: Tensor, options?: { dim?: number; descending?: boolean }): Tensor
  /** aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices) */
  sort(self: Tensor, options?: { dim?: number; descending?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices) */
  topk(self: Tensor, k: number, options?: { dim?: number; largest?: boolean; sorted?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices) */
  kthvalue(self: Tensor, k: number, options?: { dim?: number; keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor */
  bincount(self: Tensor, options?: { weights?: Tensor | null; minlength?: number }): Tensor
  /** aten::histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor */
  histc(self: Tensor, options?: { bins?: number; min?: number; max?: number }): Tensor
  /** aten::unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor) */
  uniqueDim(self: Tensor, dim: number, options?: { sorted?: boolean; returnInverse?: boolean; returnCounts?: boolean }): [Tensor, Tensor, Tensor]
  /** aten::_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor) */
  _unique2(self: Tensor, options?: { sorted?: boolean; returnInverse?: boolean; returnCounts?: boolean }): [Tensor, Tensor, Tensor]
  /** aten::searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor */
  searchsorted(sortedSequence: Tensor, self: Tensor, options?: { outInt32?: boolean; right?: boolean; side?: string | null; sorter?: Tensor | null }): Tensor
  /** aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a) */
  reshape(self: Tensor, shape: readonly number[]): Tensor
  /** aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a) */
  view(self: Tensor, size: readonly number[]): Tensor
  /** aten::view_as(Tensor(a) self, Tensor other) -> Tensor(a) */
  viewAs(self: Tensor, other: Tensor | number): Tensor
  /** aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a) */
  expand(self: Tensor, size: readonly number[], options?: { implicit?: boolean }): Tensor
  /** aten::permute(Tensor(a) self, int[] dims) -> Tensor(a) */
  permute(self: Tensor, dims: readonly number[]): Tensor
  /** aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a) */
  transpose(self: Tensor, dim0: number, dim1: number): Tensor
  /** aten::t(Tensor(a) self) -> Tensor(a) */
  t(self: Tensor): Tensor
  /** aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a) */
  flatten(self: Tensor, options?: { startDim?: number; endDim?: number }): Tensor
  /** aten::unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a) */
  unflatten(self: Tensor, dim: number, sizes: readonly number[]): Tensor
  /** aten::squeeze(Tensor(a) self) -> Tensor(a) */
  squeeze(self: Tensor): Tensor
  /** aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a) */
  squeeze(self: Tensor, dim: number): Tensor
  /** aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a) */
  unsqueeze(self: Tensor, dim: number): Tensor
  /** aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) -> Tensor(a) */
  contiguous(self: Tensor, options?: { memoryFormat?: MemoryFormat }): Tensor
  /** aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor */
  clone(self: Tensor, options?: { memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::detach(Tensor(a) self) -> Tensor(a) */
  detach(self: Tensor): Tensor
  /** aten::cat(Tensor[] tensors, int dim=0) -> Tensor */
  cat(tensors: readonly Tensor[], options?: { dim?: number }): Tensor
  /** aten::stack(Tensor[] tensors, int dim=0) -> Tensor */
  stack(tensors: readonly Tensor[], options?: { dim?: number }): Tensor
  /** aten::split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[] */
  split(self: Tensor, splitSize: number, options?: { dim?: number }): Tensor[]
  /** aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[] */
  chunk(self: Tensor, chunks: number, options?: { dim?: number }): Tensor[]
  /** aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a) */
  narrow(self: Tensor, dim: number, start: number, length: number): Tensor
  /** aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a) */
  select(self: Tensor, dim: number, index: number): Tensor
  /** aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a) */
  slice(self: Tensor, options?: { dim?: number; start?: number | null; end?: number | null; step?: number }): Tensor
  /** aten::flip(Tensor self, int[] dims) -> Tensor */
  flip(self: Tensor, dims: readonly number[]): Tensor
  /** aten::roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor */
  roll(self: Tensor, shifts: number | readonly number[], options?: { dims?: number | readonly number[] }): Tensor
  /** aten::repeat(Tensor self, SymInt[] repeats) -> Tensor */
  repeat(self: Tensor, repeats: readonly number[]): Tensor
  /** aten::tile(Tensor self, int[] dims) -> Tensor */
  tile(self: Tensor, dims: readonly number[]): Tensor
  /** aten::expand_as(Tensor(a) self, Tensor other) -> Tensor(a) */
  expandAs(self: Tensor, other: Tensor | number): Tensor
  /** aten::movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a) */
  movedim(self: Tensor, source: readonly number[], destination: readonly number[]): Tensor
  /** aten::rot90(Tensor self, int k=1, int[] dims=[0, 1]) -> Tensor */
  rot90(self: Tensor, options?: { k?: number; dims?: readonly number[] }): Tensor
  /** aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a) */
  diagonal(self: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }): Tensor
  /** aten::diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor */
  diagEmbed(self: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }): Tensor
  /** aten::tril(Tensor self, int diagonal=0) -> Tensor */
  tril(self: Tensor, options?: { diagonal?: number }): Tensor
  /** aten::triu(Tensor self, int diagonal=0) -> Tensor */
  triu(self: Tensor, options?: { diagonal?: number }): Tensor
  /** aten::meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[] */
  meshgrid(tensors: readonly Tensor[], indexing: string): Tensor[]
  /** aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a) */
  unfold(self: Tensor, dimension: number, size: number, step: number): Tensor
  /** aten::im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor */
  im2col(self: Tensor, kernelSize: number | readonly number[], dilation: number | readonly number[], padding: number | readonly number[], stride: number | readonly number[]): Tensor
  /** aten::col2im(Tensor self, SymInt[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor */
  col2im(self: Tensor, outputSize: number | readonly number[], kernelSize: number | readonly number[], dilation: number | readonly number[], padding: number | readonly number[], stride: number | readonly number[]): Tensor
  /** aten::pixel_shuffle(Tensor self, int upscale_factor) -> Tensor */
  pixelShuffle(self: Tensor, upscaleFactor: number): Tensor
  /** aten::pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor */
  pixelUnshuffle(self: Tensor, downscaleFactor: number): Tensor
  /** aten::as_strided(Tensor(a) self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> Tensor(a) */
  asStrided(self: Tensor, size: readonly number[], stride: readonly number[], options?: { storageOffset?: number | null }): Tensor
  /** aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor */
  index(self: Tensor, indices: readonly (Tensor | null)[]): Tensor
  /** aten::index_select(Tensor self, int dim, Tensor index) -> Tensor */
  indexSelect(self: Tensor, dim: number, index: Tensor): Tensor
  /** aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor */
  gather(self: Tensor, dim: number, index: Tensor, options?: { sparseGrad?: boolean }): Tensor
  /** aten::scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatter(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatterAdd(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor */
  indexAdd(self: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }): Tensor
  /** aten::index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor */
  indexCopy(self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor
  /** aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor */
  maskedFill(self: Tensor, mask: Tensor, value: number): Tensor
  /** aten::masked_select(Tensor self, Tensor mask) -> Tensor */
  maskedSelect(self: Tensor, mask: Tensor): Tensor
  /** aten::nonzero(Tensor self) -> Tensor */
  nonzero(self: Tensor): Tensor
  /** aten::take(Tensor self, Tensor index) -> Tensor */
  take(self: Tensor, index: Tensor): Tensor
  /** aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor */
  takeAlongDim(self: Tensor, indices: Tensor, options?: { dim?: number | null }): Tensor
  /** aten::one_hot(Tensor self, int num_classes=-1) -> Tensor */
  oneHot(self: Tensor, options?: { numClasses?: number }): Tensor
  /** aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor */
  indexPut(self: Tensor, indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }): Tensor
  /** aten::matmul(Tensor self, Tensor other) -> Tensor */
  matmul(self: Tensor, other: Tensor | number): Tensor
  /** aten::mm(Tensor self, Tensor mat2) -> Tensor */
  mm(self: Tensor, mat2: Tensor): Tensor
  /** aten::bmm(Tensor self, Tensor mat2) -> Tensor */
  bmm(self: Tensor, mat2: Tensor): Tensor
  /** aten::mv(Tensor self, Tensor vec) -> Tensor */
  mv(self: Tensor, vec: Tensor): Tensor
  /** aten::dot(Tensor self, Tensor tensor) -> Tensor */
  dot(self: Tensor, tensor: Tensor): Tensor
  /** aten::outer(Tensor self, Tensor vec2) -> Tensor */
  outer(self: Tensor, vec2: Tensor): Tensor
  /** aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  addmm(self: Tensor, mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  baddbmm(self: Tensor, batch1: Tensor, batch2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor */
  einsum(equation: string, tensors: readonly Tensor[], options?: { path?: readonly number[] | null }): Tensor
  /** aten::tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor */
  tensordot(self: Tensor, other: Tensor | number, dimsSelf: readonly number[], dimsOther: readonly number[]): Tensor
  /** aten::kron(Tensor self, Tensor other) -> Tensor */
  kron(self: Tensor, other: Tensor | number): Tensor
  /** aten::cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor */
  cdist(x1: Tensor, x2: Tensor, options?: { p?: number; computeMode?: number | null }): Tensor
  /** aten::trace(Tensor self) -> Tensor */
  trace(self: Tensor): Tensor
  /** aten::linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor */
  linalgCholesky(self: Tensor, options?: { upper?: boolean }): Tensor
  /** aten::linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info) */
  linalgCholeskyEx(self: Tensor, options?: { upper?: boolean; checkErrors?: boolean }): [l: Tensor, info: Tensor]
  /** aten::linalg_eigh(Tensor self, str UPLO="L") -> (Tensor eigenvalues, Tensor eigenvectors) */
  linalgEigh(self: Tensor, options?: { UPLO?: string }): [eigenvalues: Tensor, eigenvectors: Tensor]
  /** aten::linalg_eigvalsh(Tensor self, str UPLO="L") -> Tensor */
  linalgEigvalsh(self: Tensor, options?: { UPLO?: string }): Tensor
  /** aten::linalg_eigvals(Tensor self) -> Tensor */
  linalgEigvals(self: Tensor): Tensor
  /** aten::linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet) */
  linalgSlogdet(A: Tensor): [sign: Tensor, logabsdet: Tensor]
  /** aten::linalg_det(Tensor A) -> Tensor */
  linalgDet(A: Tensor): Tensor
  /** aten::linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor */
  linalgSolveTriangular(self: Tensor, B: Tensor, upper: boolean, options?: { left?: boolean; unitriangular?: boolean }): Tensor
  /** aten::linalg_inv(Tensor A) -> Tensor */
  linalgInv(A: Tensor): Tensor
  /** aten::linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor */
  linalgSolve(A: Tensor, B: Tensor, options?: { left?: boolean }): Tensor
  /** aten::linalg_qr(Tensor A, str mode="reduced") -> (Tensor Q, Tensor R) */
  linalgQr(A: Tensor, options?: { mode?: string }): [q: Tensor, r: Tensor]
  /** aten::linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh) */
  linalgSvd(A: Tensor, options?: { fullMatrices?: boolean; driver?: string | null }): [u: Tensor, s: Tensor, vh: Tensor]
  /** aten::linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor */
  linalgSvdvals(A: Tensor, options?: { driver?: string | null }): Tensor
  /** aten::linalg_matrix_exp(Tensor self) -> Tensor */
  linalgMatrixExp(self: Tensor): Tensor
  /** aten::linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U) */
  linalgLu(A: Tensor, options?: { pivot?: boolean }): [p: Tensor, l: Tensor, u: Tensor]
  /** aten::linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgMatrixNorm(self: Tensor, ord: number, options?: { dim?: readonly number[]; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgNorm(self: Tensor, options?: { ord?: number | null; dim?: number | readonly number[] | null; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor */
  choleskySolve(self: Tensor, input2: Tensor, options?: { upper?: boolean }): Tensor
  /** aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor */
  linear(input: Tensor, weight: Tensor, options?: { bias?: Tensor | null }): Tensor
  /** aten::conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], int[1] padding=[0], int[1] dilation=[1], int groups=1) -> Tensor */
  conv1d(input: Tensor, weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor */
  conv2d(input: Tensor, weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] dilation=1, int groups=1) -> Tensor */
  conv3d(input: Tensor, weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor */
  convTranspose2d(input: Tensor, weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; outputPadding?: number | readonly number[]; groups?: number; dilation?: number | readonly number[] }): Tensor
  /** aten::max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor */
  maxPool2d(self: Tensor, kernelSize: number | readonly number[], options?: { stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; ceilMode?: boolean }): Tensor
  /** aten::avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor */
  avgPool2d(self: Tensor, kernelSize: number | readonly number[], options?: { stride?: number | readonly number[]; padding?: number | readonly number[]; ceilMode?: boolean; countIncludePad?: boolean; divisorOverride?: number | null }): Tensor
  /** aten::adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor */
  adaptiveAvgPool2d(self: Tensor, outputSize: number | readonly number[]): Tensor
  /** aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor */
  batchNorm(input: Tensor, weight: Tensor | null, bias: Tensor | null, runningMean: Tensor | null, runningVar: Tensor | null, training: boolean, momentum: number, eps: number, cudnnEnabled: boolean): Tensor
  /** aten::layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor */
  layerNorm(input: Tensor, normalizedShape: readonly number[], options?: { weight?: Tensor | null; bias?: Tensor | null; eps?: number; cudnnEnable?: boolean }): Tensor
  /** aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enabled=True) -> Tensor */
  groupNorm(input: Tensor, numGroups: number, options?: { weight?: Tensor | null; bias?: Tensor | null; eps?: number; cudnnEnabled?: boolean }): Tensor
  /** aten::instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor */
  instanceNorm(input: Tensor, weight: Tensor | null, bias: Tensor | null, runningMean: Tensor | null, runningVar: Tensor | null, useInputStats: boolean, momentum: number, eps: number, cudnnEnabled: boolean): Tensor
  /** aten::embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor */
  embedding(weight: Tensor, indices: Tensor, options?: { paddingIdx?: number; scaleGradByFreq?: boolean; sparse?: boolean }): Tensor
  /** aten::pad(Tensor self, int[] pad, str mode="constant", float? value=None) -> Tensor */
  pad(self: Tensor, pad: readonly number[], options?: { mode?: string; value?: number | null }): Tensor
  /** aten::reflection_pad2d(Tensor self, int[4] padding) -> Tensor */
  reflectionPad2d(self: Tensor, padding: number | readonly number[]): Tensor
  /** aten::constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor */
  constantPadNd(self: Tensor, pad: readonly number[], options?: { value?: number }): Tensor
  /** aten::relu(Tensor self) -> Tensor */
  relu(self: Tensor): Tensor
  /** aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor */
  leakyRelu(self: Tensor, options?: { negativeSlope?: number }): Tensor
  /** aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor */
  elu(self: Tensor, options?: { alpha?: number; scale?: number; inputScale?: number }): Tensor
  /** aten::gelu(Tensor self, *, str approximate="none") -> Tensor */
  gelu(self: Tensor, options?: { approximate?: string }): Tensor
  /** aten::silu(Tensor self) -> Tensor */
  silu(self: Tensor): Tensor
  /** aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor */
  softplus(self: Tensor, options?: { beta?: number; threshold?: number }): Tensor
  /** aten::log_sigmoid(Tensor self) -> Tensor */
  logSigmoid(self: Tensor): Tensor
  /** aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor */
  hardtanh(self: Tensor, options?: { minVal?: number; maxVal?: number }): Tensor
  /** aten::mish(Tensor self) -> Tensor */
  mish(self: Tensor): Tensor
  /** aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  softmax(self: Tensor, dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  logSoftmax(self: Tensor, dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor */
  nllLoss(self: Tensor, target: Tensor, options?: { weight?: Tensor | null; reduction?: number; ignoreIndex?: number }): Tensor
  /** aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.) -> Tensor */
  crossEntropyLoss(self: Tensor, target: Tensor, options?: { weight?: Tensor | null; reduction?: number; ignoreIndex?: number; labelSmoothing?: number }): Tensor
  /** aten::mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor */
  mseLoss(self: Tensor, target: Tensor, options?: { reduction?: number }): Tensor
  /** aten::l1_loss(Tensor self, Tensor target, int reduction=1) -> Tensor */
  l1Loss(self: Tensor, target: Tensor, options?: { reduction?: number }): Tensor
  /** aten::smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.) -> Tensor */
  smoothL1Loss(self: Tensor, target: Tensor, options?: { reduction?: number; beta?: number }): Tensor
  /** aten::kl_div(Tensor self, Tensor target, int reduction=1, *, bool log_target=False) -> Tensor */
  klDiv(self: Tensor, target: Tensor, options?: { reduction?: number; logTarget?: boolean }): Tensor
  /** aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor */
  binaryCrossEntropyWithLogits(self: Tensor, target: Tensor, options?: { weight?: Tensor | null; posWeight?: Tensor | null; reduction?: number }): Tensor
  /** aten::upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor */
  upsampleNearest2d(input: Tensor, outputSize: readonly number[] | null, scaleFactors: readonly number[] | null): Tensor
  /** aten::upsample_bilinear2d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor */
  upsampleBilinear2d(input: Tensor, outputSize: readonly number[] | null, alignCorners: boolean, scaleFactors: readonly number[] | null): Tensor
  /** aten::_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor */
  _toCopy(self: Tensor, options?: { dtype?: Dtype | null; device?: Device | null; nonBlocking?: boolean; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  zerosLike(self: Tensor, options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  onesLike(self: Tensor, options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  fullLike(self: Tensor, fillValue: number, options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  emptyLike(self: Tensor, options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::bernoulli(Tensor self, *, Generator? generator=None) -> Tensor */
  bernoulli(self: Tensor, options: { generator: Generator }): Tensor
  /** aten::multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor */
  multinomial(self: Tensor, numSamples: number, options: { replacement?: boolean; generator: Generator }): Tensor
  /** aten::normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor */
  normal(mean: Tensor, std: Tensor, options: { generator: Generator }): Tensor
}

export interface TensorMethods {
  /** aten::abs(Tensor self) -> Tensor */
  abs(): Tensor
  /** aten::neg(Tensor self) -> Tensor */
  neg(): Tensor
  /** aten::exp(Tensor self) -> Tensor */
  exp(): Tensor
  /** aten::exp2(Tensor self) -> Tensor */
  exp2(): Tensor
  /** aten::expm1(Tensor self) -> Tensor */
  expm1(): Tensor
  /** aten::log(Tensor self) -> Tensor */
  log(): Tensor
  /** aten::log1p(Tensor self) -> Tensor */
  log1p(): Tensor
  /** aten::log2(Tensor self) -> Tensor */
  log2(): Tensor
  /** aten::sqrt(Tensor self) -> Tensor */
  sqrt(): Tensor
  /** aten::rsqrt(Tensor self) -> Tensor */
  rsqrt(): Tensor
  /** aten::reciprocal(Tensor self) -> Tensor */
  reciprocal(): Tensor
  /** aten::square(Tensor self) -> Tensor */
  square(): Tensor
  /** aten::sign(Tensor self) -> Tensor */
  sign(): Tensor
  /** aten::sin(Tensor self) -> Tensor */
  sin(): Tensor
  /** aten::cos(Tensor self) -> Tensor */
  cos(): Tensor
  /** aten::tan(Tensor self) -> Tensor */
  tan(): Tensor
  /** aten::tanh(Tensor self) -> Tensor */
  tanh(): Tensor
  /** aten::sinh(Tensor self) -> Tensor */
  sinh(): Tensor
  /** aten::cosh(Tensor self) -> Tensor */
  cosh(): Tensor
  /** aten::asin(Tensor self) -> Tensor */
  asin(): Tensor
  /** aten::acos(Tensor self) -> Tensor */
  acos(): Tensor
  /** aten::atan(Tensor self) -> Tensor */
  atan(): Tensor
  /** aten::sigmoid(Tensor self) -> Tensor */
  sigmoid(): Tensor
  /** aten::erf(Tensor self) -> Tensor */
  erf(): Tensor
  /** aten::erfinv(Tensor self) -> Tensor */
  erfinv(): Tensor
  /** aten::floor(Tensor self) -> Tensor */
  floor(): Tensor
  /** aten::ceil(Tensor self) -> Tensor */
  ceil(): Tensor
  /** aten::round(Tensor self) -> Tensor */
  round(): Tensor
  /** aten::trunc(Tensor self) -> Tensor */
  trunc(): Tensor
  /** aten::frac(Tensor self) -> Tensor */
  frac(): Tensor
  /** aten::isnan(Tensor self) -> Tensor */
  isnan(): Tensor
  /** aten::isinf(Tensor self) -> Tensor */
  isinf(): Tensor
  /** aten::isfinite(Tensor self) -> Tensor */
  isfinite(): Tensor
  /** aten::logical_not(Tensor self) -> Tensor */
  logicalNot(): Tensor
  /** aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor */
  nanToNum(options?: { nan?: number | null; posinf?: number | null; neginf?: number | null }): Tensor
  /** aten::lgamma(Tensor self) -> Tensor */
  lgamma(): Tensor
  /** aten::digamma(Tensor self) -> Tensor */
  digamma(): Tensor
  /** aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor */
  add(other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor */
  sub(other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::mul.Tensor(Tensor self, Tensor other) -> Tensor */
  mul(other: Tensor | number): Tensor
  /** aten::div.Tensor(Tensor self, Tensor other) -> Tensor */
  div(other: Tensor | number): Tensor
  /** aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor */
  div(other: Tensor | number, roundingMode: string | null): Tensor
  /** aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor */
  remainder(other: Tensor | number): Tensor
  /** aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor */
  pow(exponent: Tensor | number): Tensor
  /** aten::atan2(Tensor self, Tensor other) -> Tensor */
  atan2(other: Tensor | number): Tensor
  /** aten::maximum(Tensor self, Tensor other) -> Tensor */
  maximum(other: Tensor | number): Tensor
  /** aten::minimum(Tensor self, Tensor other) -> Tensor */
  minimum(other: Tensor | number): Tensor
  /** aten::fmod.Tensor(Tensor self, Tensor other) -> Tensor */
  fmod(other: Tensor | number): Tensor
  /** aten::floor_divide(Tensor self, Tensor other) -> Tensor */
  floorDivide(other: Tensor | number): Tensor
  /** aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor */
  lerp(end: Tensor, weight: number): Tensor
  /** aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor */
  lerp(end: Tensor, weight: Tensor): Tensor
  /** aten::logaddexp(Tensor self, Tensor other) -> Tensor */
  logaddexp(other: Tensor | number): Tensor
  /** aten::xlogy.Tensor(Tensor self, Tensor other) -> Tensor */
  xlogy(other: Tensor | number): Tensor
  /** aten::hypot(Tensor self, Tensor other) -> Tensor */
  hypot(other: Tensor | number): Tensor
  /** aten::addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcmul(tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcdiv(tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor */
  clamp(options?: { min?: number | null; max?: number | null }): Tensor
  /** aten::clamp_min(Tensor self, Scalar min) -> Tensor */
  clampMin(min: number): Tensor
  /** aten::clamp_max(Tensor self, Scalar max) -> Tensor */
  clampMax(max: number): Tensor
  /** aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor */
  where(self: Tensor, other: Tensor | number): Tensor
  /** aten::eq.Tensor(Tensor self, Tensor other) -> Tensor */
  eq(other: Tensor | number): Tensor
  /** aten::ne.Tensor(Tensor self, Tensor other) -> Tensor */
  ne(other: Tensor | number): Tensor
  /** aten::lt.Tensor(Tensor self, Tensor other) -> Tensor */
  lt(other: Tensor | number): Tensor
  /** aten::le.Tensor(Tensor self, Tensor other) -> Tensor */
  le(other: Tensor | number): Tensor
  /** aten::gt.Tensor(Tensor self, Tensor other) -> Tensor */
  gt(other: Tensor | number): Tensor
  /** aten::ge.Tensor(Tensor self, Tensor other) -> Tensor */
  ge(other: Tensor | number): Tensor
  /** aten::logical_and(Tensor self, Tensor other) -> Tensor */
  logicalAnd(other: Tensor | number): Tensor
  /** aten::logical_or(Tensor self, Tensor other) -> Tensor */
  logicalOr(other: Tensor | number): Tensor
  /** aten::logical_xor(Tensor self, Tensor other) -> Tensor */
  logicalXor(other: Tensor | number): Tensor
  /** aten::isclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False) -> Tensor */
  isclose(other: Tensor | number, options?: { rtol?: number; atol?: number; equalNan?: boolean }): Tensor
  /** aten::allclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False) -> bool */
  allclose(other: Tensor | number, options?: { rtol?: number; atol?: number; equalNan?: boolean }): boolean
  /** aten::equal(Tensor self, Tensor other) -> bool */
  equal(other: Tensor | number): boolean
  /** aten::bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseAnd(other: Tensor | number): Tensor
  /** aten::bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseOr(other: Tensor | number): Tensor
  /** aten::bitwise_xor.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseXor(other: Tensor | number): Tensor
  /** aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!) */
  add_(other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::sub_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!) */
  sub_(other: Tensor | number, options?: { alpha?: number }): Tensor
  /** aten::mul_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!) */
  mul_(other: Tensor | number): Tensor
  /** aten::div_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!) */
  div_(other: Tensor | number): Tensor
  /** aten::neg_(Tensor(a!) self) -> Tensor(a!) */
  neg_(): Tensor
  /** aten::exp_(Tensor(a!) self) -> Tensor(a!) */
  exp_(): Tensor
  /** aten::sqrt_(Tensor(a!) self) -> Tensor(a!) */
  sqrt_(): Tensor
  /** aten::abs_(Tensor(a!) self) -> Tensor(a!) */
  abs_(): Tensor
  /** aten::sign_(Tensor(a!) self) -> Tensor(a!) */
  sign_(): Tensor
  /** aten::clamp_(Tensor(a!) self, Scalar? min=None, Scalar? max=None) -> Tensor(a!) */
  clamp_(options?: { min?: number | null; max?: number | null }): Tensor
  /** aten::clamp_min_(Tensor(a!) self, Scalar min) -> Tensor(a!) */
  clampMin_(min: number): Tensor
  /** aten::clamp_max_(Tensor(a!) self, Scalar max) -> Tensor(a!) */
  clampMax_(max: number): Tensor
  /** aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!) */
  copy_(src: Tensor, options?: { nonBlocking?: boolean }): Tensor
  /** aten::fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!) */
  fill_(value: number): Tensor
  /** aten::zero_(Tensor(a!) self) -> Tensor(a!) */
  zero_(): Tensor
  /** aten::lerp_.Scalar(Tensor(a!) self, Tensor end, Scalar weight) -> Tensor(a!) */
  lerp_(end: Tensor, weight: number): Tensor
  /** aten::addcmul_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcmul_(tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::addcdiv_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcdiv_(tensor1: Tensor, tensor2: Tensor, options?: { value?: number }): Tensor
  /** aten::index_copy_(Tensor(a!) self, int dim, Tensor index, Tensor source) -> Tensor(a!) */
  indexCopy_(dim: number, index: Tensor, source: Tensor): Tensor
  /** aten::index_add_(Tensor(a!) self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor(a!) */
  indexAdd_(dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }): Tensor
  /** aten::index_fill_.int_Scalar(Tensor(a!) self, int dim, Tensor index, Scalar value) -> Tensor(a!) */
  indexFill_(dim: number, index: Tensor, value: number): Tensor
  /** aten::index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor(a!) */
  indexPut_(indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }): Tensor
  /** aten::masked_fill_.Scalar(Tensor(a!) self, Tensor mask, Scalar value) -> Tensor(a!) */
  maskedFill_(mask: Tensor, value: number): Tensor
  /** aten::scatter_.src(Tensor(a!) self, int dim, Tensor index, Tensor src) -> Tensor(a!) */
  scatter_(dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::scatter_add_(Tensor(a!) self, int dim, Tensor index, Tensor src) -> Tensor(a!) */
  scatterAdd_(dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::normal_(Tensor(a!) self, float mean=0., float std=1., *, Generator? generator=None) -> Tensor(a!) */
  normal_(options: { mean?: number; std?: number; generator: Generator }): Tensor
  /** aten::uniform_(Tensor(a!) self, float from=0., float to=1., *, Generator? generator=None) -> Tensor(a!) */
  uniform_(options: { from?: number; to?: number; generator: Generator }): Tensor
  /** aten::bernoulli_.float(Tensor(a!) self, float p=0.5, *, Generator? generator=None) -> Tensor(a!) */
  bernoulli_(options: { p?: number; generator: Generator }): Tensor
  /** aten::random_(Tensor(a!) self, *, Generator? generator=None) -> Tensor(a!) */
  random_(options: { generator: Generator }): Tensor
  /** aten::random_.from(Tensor(a!) self, int from, int? to, *, Generator? generator=None) -> Tensor(a!) */
  random_(from: number, to: number | null, options: { generator: Generator }): Tensor
  /** aten::pow_.Scalar(Tensor(a!) self, Scalar exponent) -> Tensor(a!) */
  pow_(exponent: number): Tensor
  /** aten::round_(Tensor(a!) self) -> Tensor(a!) */
  round_(): Tensor
  /** aten::floor_(Tensor(a!) self) -> Tensor(a!) */
  floor_(): Tensor
  /** aten::addmm_(Tensor(a!) self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!) */
  addmm_(mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  sum(options?: { dtype?: Dtype | null }): Tensor
  /** aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  sum(dim: number | readonly number[] | null, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  mean(options?: { dtype?: Dtype | null }): Tensor
  /** aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  mean(dim: number | readonly number[] | null, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  prod(options?: { dtype?: Dtype | null }): Tensor
  /** aten::prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  prod(dim: number, options?: { keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::var.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  var(dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): Tensor
  /** aten::std.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  std(dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): Tensor
  /** aten::var_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor) */
  varMean(dim: number | readonly number[] | null, options?: { unbiased?: boolean; keepdim?: boolean }): [Tensor, Tensor]
  /** aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amax(options?: { dim?: number | readonly number[]; keepdim?: boolean }): Tensor
  /** aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amin(options?: { dim?: number | readonly number[]; keepdim?: boolean }): Tensor
  /** aten::max(Tensor self) -> Tensor */
  max(): Tensor
  /** aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  max(dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::min(Tensor self) -> Tensor */
  min(): Tensor
  /** aten::min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  min(dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmax(options?: { dim?: number | null; keepdim?: boolean }): Tensor
  /** aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmin(options?: { dim?: number | null; keepdim?: boolean }): Tensor
  /** aten::any(Tensor self) -> Tensor */
  any(): Tensor
  /** aten::any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  any(dim: number, options?: { keepdim?: boolean }): Tensor
  /** aten::all(Tensor self) -> Tensor */
  all(): Tensor
  /** aten::all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  all(dim: number, options?: { keepdim?: boolean }): Tensor
  /** aten::norm.Scalar(Tensor self, Scalar p=2) -> Tensor */
  norm(options?: { p?: number }): Tensor
  /** aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgVectorNorm(options?: { ord?: number; dim?: number | readonly number[] | null; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor */
  logsumexp(dim: number | readonly number[], options?: { keepdim?: boolean }): Tensor
  /** aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumsum(dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumprod(dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::logcumsumexp(Tensor self, int dim) -> Tensor */
  logcumsumexp(dim: number): Tensor
  /** aten::median(Tensor self) -> Tensor */
  median(): Tensor
  /** aten::median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  median(dim: number, options?: { keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation="linear") -> Tensor */
  quantile(q: Tensor, options?: { dim?: number | null; keepdim?: boolean; interpolation?: string }): Tensor
  /** aten::count_nonzero(Tensor self, int? dim=None) -> Tensor */
  countNonzero(options?: { dim?: number | null }): Tensor
  /** aten::argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor */
  argsort(options?: { dim?: number; descending?: boolean }): Tensor
  /** aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices) */
  sort(options?: { dim?: number; descending?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices) */
  topk(k: number, options?: { dim?: number; largest?: boolean; sorted?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices) */
  kthvalue(k: number, options?: { dim?: number; keepdim?: boolean }): [values: Tensor, indices: Tensor]
  /** aten::bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor */
  bincount(options?: { weights?: Tensor | null; minlength?: number }): Tensor
  /** aten::histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor */
  histc(options?: { bins?: number; min?: number; max?: number }): Tensor
  /** aten::unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor) */
  uniqueDim(dim: number, options?: { sorted?: boolean; returnInverse?: boolean; returnCounts?: boolean }): [Tensor, Tensor, Tensor]
  /** aten::_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor) */
  _unique2(options?: { sorted?: boolean; returnInverse?: boolean; returnCounts?: boolean }): [Tensor, Tensor, Tensor]
  /** aten::searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor */
  searchsorted(self: Tensor, options?: { outInt32?: boolean; right?: boolean; side?: string | null; sorter?: Tensor | null }): Tensor
  /** aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a) */
  reshape(shape: readonly number[]): Tensor
  /** aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a) */
  view(size: readonly number[]): Tensor
  /** aten::view_as(Tensor(a) self, Tensor other) -> Tensor(a) */
  viewAs(other: Tensor | number): Tensor
  /** aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a) */
  expand(size: readonly number[], options?: { implicit?: boolean }): Tensor
  /** aten::permute(Tensor(a) self, int[] dims) -> Tensor(a) */
  permute(dims: readonly number[]): Tensor
  /** aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a) */
  transpose(dim0: number, dim1: number): Tensor
  /** aten::t(Tensor(a) self) -> Tensor(a) */
  t(): Tensor
  /** aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a) */
  flatten(options?: { startDim?: number; endDim?: number }): Tensor
  /** aten::unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a) */
  unflatten(dim: number, sizes: readonly number[]): Tensor
  /** aten::squeeze(Tensor(a) self) -> Tensor(a) */
  squeeze(): Tensor
  /** aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a) */
  squeeze(dim: number): Tensor
  /** aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a) */
  unsqueeze(dim: number): Tensor
  /** aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) -> Tensor(a) */
  contiguous(options?: { memoryFormat?: MemoryFormat }): Tensor
  /** aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor */
  clone(options?: { memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::detach(Tensor(a) self) -> Tensor(a) */
  detach(): Tensor
  /** aten::split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[] */
  split(splitSize: number, options?: { dim?: number }): Tensor[]
  /** aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[] */
  chunk(chunks: number, options?: { dim?: number }): Tensor[]
  /** aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a) */
  narrow(dim: number, start: number, length: number): Tensor
  /** aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a) */
  select(dim: number, index: number): Tensor
  /** aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a) */
  slice(options?: { dim?: number; start?: number | null; end?: number | null; step?: number }): Tensor
  /** aten::flip(Tensor self, int[] dims) -> Tensor */
  flip(dims: readonly number[]): Tensor
  /** aten::roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor */
  roll(shifts: number | readonly number[], options?: { dims?: number | readonly number[] }): Tensor
  /** aten::repeat(Tensor self, SymInt[] repeats) -> Tensor */
  repeat(repeats: readonly number[]): Tensor
  /** aten::tile(Tensor self, int[] dims) -> Tensor */
  tile(dims: readonly number[]): Tensor
  /** aten::expand_as(Tensor(a) self, Tensor other) -> Tensor(a) */
  expandAs(other: Tensor | number): Tensor
  /** aten::movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a) */
  movedim(source: readonly number[], destination: readonly number[]): Tensor
  /** aten::rot90(Tensor self, int k=1, int[] dims=[0, 1]) -> Tensor */
  rot90(options?: { k?: number; dims?: readonly number[] }): Tensor
  /** aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a) */
  diagonal(options?: { offset?: number; dim1?: number; dim2?: number }): Tensor
  /** aten::diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor */
  diagEmbed(options?: { offset?: number; dim1?: number; dim2?: number }): Tensor
  /** aten::tril(Tensor self, int diagonal=0) -> Tensor */
  tril(options?: { diagonal?: number }): Tensor
  /** aten::triu(Tensor self, int diagonal=0) -> Tensor */
  triu(options?: { diagonal?: number }): Tensor
  /** aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a) */
  unfold(dimension: number, size: number, step: number): Tensor
  /** aten::im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor */
  im2col(kernelSize: number | readonly number[], dilation: number | readonly number[], padding: number | readonly number[], stride: number | readonly number[]): Tensor
  /** aten::col2im(Tensor self, SymInt[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor */
  col2im(outputSize: number | readonly number[], kernelSize: number | readonly number[], dilation: number | readonly number[], padding: number | readonly number[], stride: number | readonly number[]): Tensor
  /** aten::pixel_shuffle(Tensor self, int upscale_factor) -> Tensor */
  pixelShuffle(upscaleFactor: number): Tensor
  /** aten::pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor */
  pixelUnshuffle(downscaleFactor: number): Tensor
  /** aten::as_strided(Tensor(a) self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> Tensor(a) */
  asStrided(size: readonly number[], stride: readonly number[], options?: { storageOffset?: number | null }): Tensor
  /** aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor */
  index(indices: readonly (Tensor | null)[]): Tensor
  /** aten::index_select(Tensor self, int dim, Tensor index) -> Tensor */
  indexSelect(dim: number, index: Tensor): Tensor
  /** aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor */
  gather(dim: number, index: Tensor, options?: { sparseGrad?: boolean }): Tensor
  /** aten::scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatter(dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatterAdd(dim: number, index: Tensor, src: Tensor): Tensor
  /** aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor */
  indexAdd(dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }): Tensor
  /** aten::index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor */
  indexCopy(dim: number, index: Tensor, source: Tensor): Tensor
  /** aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor */
  maskedFill(mask: Tensor, value: number): Tensor
  /** aten::masked_select(Tensor self, Tensor mask) -> Tensor */
  maskedSelect(mask: Tensor): Tensor
  /** aten::nonzero(Tensor self) -> Tensor */
  nonzero(): Tensor
  /** aten::take(Tensor self, Tensor index) -> Tensor */
  take(index: Tensor): Tensor
  /** aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor */
  takeAlongDim(indices: Tensor, options?: { dim?: number | null }): Tensor
  /** aten::one_hot(Tensor self, int num_classes=-1) -> Tensor */
  oneHot(options?: { numClasses?: number }): Tensor
  /** aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor */
  indexPut(indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }): Tensor
  /** aten::matmul(Tensor self, Tensor other) -> Tensor */
  matmul(other: Tensor | number): Tensor
  /** aten::mm(Tensor self, Tensor mat2) -> Tensor */
  mm(mat2: Tensor): Tensor
  /** aten::bmm(Tensor self, Tensor mat2) -> Tensor */
  bmm(mat2: Tensor): Tensor
  /** aten::mv(Tensor self, Tensor vec) -> Tensor */
  mv(vec: Tensor): Tensor
  /** aten::dot(Tensor self, Tensor tensor) -> Tensor */
  dot(tensor: Tensor): Tensor
  /** aten::outer(Tensor self, Tensor vec2) -> Tensor */
  outer(vec2: Tensor): Tensor
  /** aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  addmm(mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  baddbmm(batch1: Tensor, batch2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  /** aten::tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor */
  tensordot(other: Tensor | number, dimsSelf: readonly number[], dimsOther: readonly number[]): Tensor
  /** aten::kron(Tensor self, Tensor other) -> Tensor */
  kron(other: Tensor | number): Tensor
  /** aten::cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor */
  cdist(x2: Tensor, options?: { p?: number; computeMode?: number | null }): Tensor
  /** aten::trace(Tensor self) -> Tensor */
  trace(): Tensor
  /** aten::linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor */
  linalgCholesky(options?: { upper?: boolean }): Tensor
  /** aten::linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info) */
  linalgCholeskyEx(options?: { upper?: boolean; checkErrors?: boolean }): [l: Tensor, info: Tensor]
  /** aten::linalg_eigh(Tensor self, str UPLO="L") -> (Tensor eigenvalues, Tensor eigenvectors) */
  linalgEigh(options?: { UPLO?: string }): [eigenvalues: Tensor, eigenvectors: Tensor]
  /** aten::linalg_eigvalsh(Tensor self, str UPLO="L") -> Tensor */
  linalgEigvalsh(options?: { UPLO?: string }): Tensor
  /** aten::linalg_eigvals(Tensor self) -> Tensor */
  linalgEigvals(): Tensor
  /** aten::linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet) */
  linalgSlogdet(): [sign: Tensor, logabsdet: Tensor]
  /** aten::linalg_det(Tensor A) -> Tensor */
  linalgDet(): Tensor
  /** aten::linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor */
  linalgSolveTriangular(B: Tensor, upper: boolean, options?: { left?: boolean; unitriangular?: boolean }): Tensor
  /** aten::linalg_inv(Tensor A) -> Tensor */
  linalgInv(): Tensor
  /** aten::linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor */
  linalgSolve(B: Tensor, options?: { left?: boolean }): Tensor
  /** aten::linalg_qr(Tensor A, str mode="reduced") -> (Tensor Q, Tensor R) */
  linalgQr(options?: { mode?: string }): [q: Tensor, r: Tensor]
  /** aten::linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh) */
  linalgSvd(options?: { fullMatrices?: boolean; driver?: string | null }): [u: Tensor, s: Tensor, vh: Tensor]
  /** aten::linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor */
  linalgSvdvals(options?: { driver?: string | null }): Tensor
  /** aten::linalg_matrix_exp(Tensor self) -> Tensor */
  linalgMatrixExp(): Tensor
  /** aten::linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U) */
  linalgLu(options?: { pivot?: boolean }): [p: Tensor, l: Tensor, u: Tensor]
  /** aten::linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgMatrixNorm(ord: number, options?: { dim?: readonly number[]; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  linalgNorm(options?: { ord?: number | null; dim?: number | readonly number[] | null; keepdim?: boolean; dtype?: Dtype | null }): Tensor
  /** aten::cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor */
  choleskySolve(input2: Tensor, options?: { upper?: boolean }): Tensor
  /** aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor */
  linear(weight: Tensor, options?: { bias?: Tensor | null }): Tensor
  /** aten::conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], int[1] padding=[0], int[1] dilation=[1], int groups=1) -> Tensor */
  conv1d(weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor */
  conv2d(weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] dilation=1, int groups=1) -> Tensor */
  conv3d(weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; groups?: number }): Tensor
  /** aten::conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor */
  convTranspose2d(weight: Tensor, options?: { bias?: Tensor | null; stride?: number | readonly number[]; padding?: number | readonly number[]; outputPadding?: number | readonly number[]; groups?: number; dilation?: number | readonly number[] }): Tensor
  /** aten::max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor */
  maxPool2d(kernelSize: number | readonly number[], options?: { stride?: number | readonly number[]; padding?: number | readonly number[]; dilation?: number | readonly number[]; ceilMode?: boolean }): Tensor
  /** aten::avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor */
  avgPool2d(kernelSize: number | readonly number[], options?: { stride?: number | readonly number[]; padding?: number | readonly number[]; ceilMode?: boolean; countIncludePad?: boolean; divisorOverride?: number | null }): Tensor
  /** aten::adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor */
  adaptiveAvgPool2d(outputSize: number | readonly number[]): Tensor
  /** aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor */
  batchNorm(weight: Tensor | null, bias: Tensor | null, runningMean: Tensor | null, runningVar: Tensor | null, training: boolean, momentum: number, eps: number, cudnnEnabled: boolean): Tensor
  /** aten::layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor */
  layerNorm(normalizedShape: readonly number[], options?: { weight?: Tensor | null; bias?: Tensor | null; eps?: number; cudnnEnable?: boolean }): Tensor
  /** aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enabled=True) -> Tensor */
  groupNorm(numGroups: number, options?: { weight?: Tensor | null; bias?: Tensor | null; eps?: number; cudnnEnabled?: boolean }): Tensor
  /** aten::instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor */
  instanceNorm(weight: Tensor | null, bias: Tensor | null, runningMean: Tensor | null, runningVar: Tensor | null, useInputStats: boolean, momentum: number, eps: number, cudnnEnabled: boolean): Tensor
  /** aten::embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor */
  embedding(indices: Tensor, options?: { paddingIdx?: number; scaleGradByFreq?: boolean; sparse?: boolean }): Tensor
  /** aten::pad(Tensor self, int[] pad, str mode="constant", float? value=None) -> Tensor */
  pad(pad: readonly number[], options?: { mode?: string; value?: number | null }): Tensor
  /** aten::reflection_pad2d(Tensor self, int[4] padding) -> Tensor */
  reflectionPad2d(padding: number | readonly number[]): Tensor
  /** aten::constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor */
  constantPadNd(pad: readonly number[], options?: { value?: number }): Tensor
  /** aten::relu(Tensor self) -> Tensor */
  relu(): Tensor
  /** aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor */
  leakyRelu(options?: { negativeSlope?: number }): Tensor
  /** aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor */
  elu(options?: { alpha?: number; scale?: number; inputScale?: number }): Tensor
  /** aten::gelu(Tensor self, *, str approximate="none") -> Tensor */
  gelu(options?: { approximate?: string }): Tensor
  /** aten::silu(Tensor self) -> Tensor */
  silu(): Tensor
  /** aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor */
  softplus(options?: { beta?: number; threshold?: number }): Tensor
  /** aten::log_sigmoid(Tensor self) -> Tensor */
  logSigmoid(): Tensor
  /** aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor */
  hardtanh(options?: { minVal?: number; maxVal?: number }): Tensor
  /** aten::mish(Tensor self) -> Tensor */
  mish(): Tensor
  /** aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  softmax(dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  logSoftmax(dim: number, options?: { dtype?: Dtype | null }): Tensor
  /** aten::nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor */
  nllLoss(target: Tensor, options?: { weight?: Tensor | null; reduction?: number; ignoreIndex?: number }): Tensor
  /** aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.) -> Tensor */
  crossEntropyLoss(target: Tensor, options?: { weight?: Tensor | null; reduction?: number; ignoreIndex?: number; labelSmoothing?: number }): Tensor
  /** aten::mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor */
  mseLoss(target: Tensor, options?: { reduction?: number }): Tensor
  /** aten::l1_loss(Tensor self, Tensor target, int reduction=1) -> Tensor */
  l1Loss(target: Tensor, options?: { reduction?: number }): Tensor
  /** aten::smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.) -> Tensor */
  smoothL1Loss(target: Tensor, options?: { reduction?: number; beta?: number }): Tensor
  /** aten::kl_div(Tensor self, Tensor target, int reduction=1, *, bool log_target=False) -> Tensor */
  klDiv(target: Tensor, options?: { reduction?: number; logTarget?: boolean }): Tensor
  /** aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor */
  binaryCrossEntropyWithLogits(target: Tensor, options?: { weight?: Tensor | null; posWeight?: Tensor | null; reduction?: number }): Tensor
  /** aten::upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor */
  upsampleNearest2d(outputSize: readonly number[] | null, scaleFactors: readonly number[] | null): Tensor
  /** aten::upsample_bilinear2d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor */
  upsampleBilinear2d(outputSize: readonly number[] | null, alignCorners: boolean, scaleFactors: readonly number[] | null): Tensor
  /** aten::_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor */
  _toCopy(options?: { dtype?: Dtype | null; device?: Device | null; nonBlocking?: boolean; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  zerosLike(options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  onesLike(options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  fullLike(fillValue: number, options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  emptyLike(options?: { dtype?: Dtype | null; device?: Device | null; memoryFormat?: MemoryFormat | null }): Tensor
  /** aten::bernoulli(Tensor self, *, Generator? generator=None) -> Tensor */
  bernoulli(options: { generator: Generator }): Tensor
  /** aten::multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor */
  multinomial(numSamples: number, options: { replacement?: boolean; generator: Generator }): Tensor
  /** aten::normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor */
  normal(std: Tensor, options: { generator: Generator }): Tensor
}

function method(name: string, operator: (self: Tensor, ...rest: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]) {
      return operator(this, ...rest)
    },
  })
}

export const abs = overloaded('abs') as Operators['abs']
method('abs', abs)
export const neg = overloaded('neg') as Operators['neg']
method('neg', neg)
export const exp = overloaded('exp') as Operators['exp']
method('exp', exp)
export const exp2 = overloaded('exp2') as Operators['exp2']
method('exp2', exp2)
export const expm1 = overloaded('expm1') as Operators['expm1']
method('expm1', expm1)
export const log = overloaded('log') as Operators['log']
method('log', log)
export const log1p = overloaded('log1p') as Operators['log1p']
method('log1p', log1p)
export const log2 = overloaded('log2') as Operators['log2']
method('log2', log2)
export const sqrt = overloaded('sqrt') as Operators['sqrt']
method('sqrt', sqrt)
export const rsqrt = overloaded('rsqrt') as Operators['rsqrt']
method('rsqrt', rsqrt)
export const reciprocal = overloaded('reciprocal') as Operators['reciprocal']
method('reciprocal', reciprocal)
export const square = overloaded('square') as Operators['square']
method('square', square)
export const sign = overloaded('sign') as Operators['sign']
method('sign', sign)
export const sin = overloaded('sin') as Operators['sin']
method('sin', sin)
export const cos = overloaded('cos') as Operators['cos']
method('cos', cos)
export const tan = overloaded('tan') as Operators['tan']
method('tan', tan)
export const tanh = overloaded('tanh') as Operators['tanh']
method('tanh', tanh)
export const sinh = overloaded('sinh') as Operators['sinh']
method('sinh', sinh)
export const cosh = overloaded('cosh') as Operators['cosh']
method('cosh', cosh)
export const asin = overloaded('asin') as Operators['asin']
method('asin', asin)
export const acos = overloaded('acos') as Operators['acos']
method('acos', acos)
export const atan = overloaded('atan') as Operators['atan']
method('atan', atan)
export const sigmoid = overloaded('sigmoid') as Operators['sigmoid']
method('sigmoid', sigmoid)
export const erf = overloaded('erf') as Operators['erf']
method('erf', erf)
export const erfinv = overloaded('erfinv') as Operators['erfinv']
method('erfinv', erfinv)
export const floor = overloaded('floor') as Operators['floor']
method('floor', floor)
export const ceil = overloaded('ceil') as Operators['ceil']
method('ceil', ceil)
export const round = overloaded('round') as Operators['round']
method('round', round)
export const trunc = overloaded('trunc') as Operators['trunc']
method('trunc', trunc)
export const frac = overloaded('frac') as Operators['frac']
method('frac', frac)
export const isnan = overloaded('isnan') as Operators['isnan']
method('isnan', isnan)
export const isinf = overloaded('isinf') as Operators['isinf']
method('isinf', isinf)
export const isfinite = overloaded('isfinite') as Operators['isfinite']
method('isfinite', isfinite)
export const logicalNot = overloaded('logical_not') as Operators['logicalNot']
method('logicalNot', logicalNot)
export const nanToNum = overloaded('nan_to_num') as Operators['nanToNum']
method('nanToNum', nanToNum)
export const lgamma = overloaded('lgamma') as Operators['lgamma']
method('lgamma', lgamma)
export const digamma = overloaded('digamma') as Operators['digamma']
method('digamma', digamma)
export const add = overloaded('add.Tensor') as Operators['add']
method('add', add)
export const sub = overloaded('sub.Tensor') as Operators['sub']
method('sub', sub)
export const mul = overloaded('mul.Tensor') as Operators['mul']
method('mul', mul)
export const div = overloaded('div.Tensor', 'div.Tensor_mode') as Operators['div']
method('div', div)
export const remainder = overloaded('remainder.Tensor') as Operators['remainder']
method('remainder', remainder)
export const pow = overloaded('pow.Tensor_Tensor') as Operators['pow']
method('pow', pow)
export const atan2 = overloaded('atan2') as Operators['atan2']
method('atan2', atan2)
export const maximum = overloaded('maximum') as Operators['maximum']
method('maximum', maximum)
export const minimum = overloaded('minimum') as Operators['minimum']
method('minimum', minimum)
export const fmod = overloaded('fmod.Tensor') as Operators['fmod']
method('fmod', fmod)
export const floorDivide = overloaded('floor_divide') as Operators['floorDivide']
method('floorDivide', floorDivide)
export const lerp = overloaded('lerp.Scalar', 'lerp.Tensor') as Operators['lerp']
method('lerp', lerp)
export const logaddexp = overloaded('logaddexp') as Operators['logaddexp']
method('logaddexp', logaddexp)
export const xlogy = overloaded('xlogy.Tensor') as Operators['xlogy']
method('xlogy', xlogy)
export const hypot = overloaded('hypot') as Operators['hypot']
method('hypot', hypot)
export const addcmul = overloaded('addcmul') as Operators['addcmul']
method('addcmul', addcmul)
export const addcdiv = overloaded('addcdiv') as Operators['addcdiv']
method('addcdiv', addcdiv)
export const clamp = overloaded('clamp') as Operators['clamp']
method('clamp', clamp)
export const clampMin = overloaded('clamp_min') as Operators['clampMin']
method('clampMin', clampMin)
export const clampMax = overloaded('clamp_max') as Operators['clampMax']
method('clampMax', clampMax)
export const where = overloaded('where.self') as Operators['where']
method('where', where)
export const eq = overloaded('eq.Tensor') as Operators['eq']
method('eq', eq)
export const ne = overloaded('ne.Tensor') as Operators['ne']
method('ne', ne)
export const lt = overloaded('lt.Tensor') as Operators['lt']
method('lt', lt)
export const le = overloaded('le.Tensor') as Operators['le']
method('le', le)
export const gt = overloaded('gt.Tensor') as Operators['gt']
method('gt', gt)
export const ge = overloaded('ge.Tensor') as Operators['ge']
method('ge', ge)
export const logicalAnd = overloaded('logical_and') as Operators['logicalAnd']
method('logicalAnd', logicalAnd)
export const logicalOr = overloaded('logical_or') as Operators['logicalOr']
method('logicalOr', logicalOr)
export const logicalXor = overloaded('logical_xor') as Operators['logicalXor']
method('logicalXor', logicalXor)
export const isclose = overloaded('isclose') as Operators['isclose']
method('isclose', isclose)
export const allclose = overloaded('allclose') as Operators['allclose']
method('allclose', allclose)
export const equal = overloaded('equal') as Operators['equal']
method('equal', equal)
export const bitwiseAnd = overloaded('bitwise_and.Tensor') as Operators['bitwiseAnd']
method('bitwiseAnd', bitwiseAnd)
export const bitwiseOr = overloaded('bitwise_or.Tensor') as Operators['bitwiseOr']
method('bitwiseOr', bitwiseOr)
export const bitwiseXor = overloaded('bitwise_xor.Tensor') as Operators['bitwiseXor']
method('bitwiseXor', bitwiseXor)
export const add_ = overloaded('add_.Tensor') as Operators['add_']
method('add_', add_)
export const sub_ = overloaded('sub_.Tensor') as Operators['sub_']
method('sub_', sub_)
export const mul_ = overloaded('mul_.Tensor') as Operators['mul_']
method('mul_', mul_)
export const div_ = overloaded('div_.Tensor') as Operators['div_']
method('div_', div_)
export const neg_ = overloaded('neg_') as Operators['neg_']
method('neg_', neg_)
export const exp_ = overloaded('exp_') as Operators['exp_']
method('exp_', exp_)
export const sqrt_ = overloaded('sqrt_') as Operators['sqrt_']
method('sqrt_', sqrt_)
export const abs_ = overloaded('abs_') as Operators['abs_']
method('abs_', abs_)
export const sign_ = overloaded('sign_') as Operators['sign_']
method('sign_', sign_)
export const clamp_ = overloaded('clamp_') as Operators['clamp_']
method('clamp_', clamp_)
export const clampMin_ = overloaded('clamp_min_') as Operators['clampMin_']
method('clampMin_', clampMin_)
export const clampMax_ = overloaded('clamp_max_') as Operators['clampMax_']
method('clampMax_', clampMax_)
export const copy_ = overloaded('copy_') as Operators['copy_']
method('copy_', copy_)
export const fill_ = overloaded('fill_.Scalar') as Operators['fill_']
method('fill_', fill_)
export const zero_ = overloaded('zero_') as Operators['zero_']
method('zero_', zero_)
export const lerp_ = overloaded('lerp_.Scalar') as Operators['lerp_']
method('lerp_', lerp_)
export const addcmul_ = overloaded('addcmul_') as Operators['addcmul_']
method('addcmul_', addcmul_)
export const addcdiv_ = overloaded('addcdiv_') as Operators['addcdiv_']
method('addcdiv_', addcdiv_)
export const indexCopy_ = overloaded('index_copy_') as Operators['indexCopy_']
method('indexCopy_', indexCopy_)
export const indexAdd_ = overloaded('index_add_') as Operators['indexAdd_']
method('indexAdd_', indexAdd_)
export const indexFill_ = overloaded('index_fill_.int_Scalar') as Operators['indexFill_']
method('indexFill_', indexFill_)
export const indexPut_ = overloaded('index_put_') as Operators['indexPut_']
method('indexPut_', indexPut_)
export const maskedFill_ = overloaded('masked_fill_.Scalar') as Operators['maskedFill_']
method('maskedFill_', maskedFill_)
export const scatter_ = overloaded('scatter_.src') as Operators['scatter_']
method('scatter_', scatter_)
export const scatterAdd_ = overloaded('scatter_add_') as Operators['scatterAdd_']
method('scatterAdd_', scatterAdd_)
export const normal_ = overloaded('normal_') as Operators['normal_']
method('normal_', normal_)
export const uniform_ = overloaded('uniform_') as Operators['uniform_']
method('uniform_', uniform_)
export const bernoulli_ = overloaded('bernoulli_.float') as Operators['bernoulli_']
method('bernoulli_', bernoulli_)
export const random_ = overloaded('random_', 'random_.from') as Operators['random_']
method('random_', random_)
export const pow_ = overloaded('pow_.Scalar') as Operators['pow_']
method('pow_', pow_)
export const round_ = overloaded('round_') as Operators['round_']
method('round_', round_)
export const floor_ = overloaded('floor_') as Operators['floor_']
method('floor_', floor_)
export const addmm_ = overloaded('addmm_') as Operators['addmm_']
method('addmm_', addmm_)
export const sum = overloaded('sum', 'sum.dim_IntList') as Operators['sum']
method('sum', sum)
export const mean = overloaded('mean', 'mean.dim') as Operators['mean']
method('mean', mean)
export const prod = overloaded('prod', 'prod.dim_int') as Operators['prod']
method('prod', prod)
const variance = overloaded('var.dim') as Operators['var']
method('var', variance)
export { variance as var }
export const std = overloaded('std.dim') as Operators['std']
method('std', std)
export const varMean = overloaded('var_mean.dim') as Operators['varMean']
method('varMean', varMean)
export const amax = overloaded('amax') as Operators['amax']
method('amax', amax)
export const amin = overloaded('amin') as Operators['amin']
method('amin', amin)
export const max = overloaded('max', 'max.dim') as Operators['max']
method('max', max)
export const min = overloaded('min', 'min.dim') as Operators['min']
method('min', min)
export const argmax = overloaded('argmax') as Operators['argmax']
method('argmax', argmax)
export const argmin = overloaded('argmin') as Operators['argmin']
method('argmin', argmin)
export const any = overloaded('any', 'any.dim') as Operators['any']
method('any', any)
export const all = overloaded('all', 'all.dim') as Operators['all']
method('all', all)
export const norm = overloaded('norm.Scalar') as Operators['norm']
method('norm', norm)
export const linalgVectorNorm = overloaded('linalg_vector_norm') as Operators['linalgVectorNorm']
method('linalgVectorNorm', linalgVectorNorm)
export const logsumexp = overloaded('logsumexp') as Operators['logsumexp']
method('logsumexp', logsumexp)
export const cumsum = overloaded('cumsum') as Operators['cumsum']
method('cumsum', cumsum)
export const cumprod = overloaded('cumprod') as Operators['cumprod']
method('cumprod', cumprod)
export const logcumsumexp = overloaded('logcumsumexp') as Operators['logcumsumexp']
method('logcumsumexp', logcumsumexp)
export const median = overloaded('median', 'median.dim') as Operators['median']
method('median', median)
export const quantile = overloaded('quantile') as Operators['quantile']
method('quantile', quantile)
export const countNonzero = overloaded('count_nonzero') as Operators['countNonzero']
method('countNonzero', countNonzero)
export const argsort = overloaded('argsort') as Operators['argsort']
method('argsort', argsort)
export const sort = overloaded('sort') as Operators['sort']
method('sort', sort)
export const topk = overloaded('topk') as Operators['topk']
method('topk', topk)
export const kthvalue = overloaded('kthvalue') as Operators['kthvalue']
method('kthvalue', kthvalue)
export const bincount = overloaded('bincount') as Operators['bincount']
method('bincount', bincount)
export const histc = overloaded('histc') as Operators['histc']
method('histc', histc)
export const uniqueDim = overloaded('unique_dim') as Operators['uniqueDim']
method('uniqueDim', uniqueDim)
export const _unique2 = overloaded('_unique2') as Operators['_unique2']
method('_unique2', _unique2)
export const searchsorted = overloaded('searchsorted.Tensor') as Operators['searchsorted']
method('searchsorted', searchsorted)
export const reshape = overloaded('reshape') as Operators['reshape']
method('reshape', reshape)
export const view = overloaded('view') as Operators['view']
method('view', view)
export const viewAs = overloaded('view_as') as Operators['viewAs']
method('viewAs', viewAs)
export const expand = overloaded('expand') as Operators['expand']
method('expand', expand)
export const permute = overloaded('permute') as Operators['permute']
method('permute', permute)
export const transpose = overloaded('transpose.int') as Operators['transpose']
method('transpose', transpose)
export const t = overloaded('t') as Operators['t']
method('t', t)
export const flatten = overloaded('flatten.using_ints') as Operators['flatten']
method('flatten', flatten)
export const unflatten = overloaded('unflatten.int') as Operators['unflatten']
method('unflatten', unflatten)
export const squeeze = overloaded('squeeze', 'squeeze.dim') as Operators['squeeze']
method('squeeze', squeeze)
export const unsqueeze = overloaded('unsqueeze') as Operators['unsqueeze']
method('unsqueeze', unsqueeze)
export const contiguous = overloaded('contiguous') as Operators['contiguous']
method('contiguous', contiguous)
export const clone = overloaded('clone') as Operators['clone']
method('clone', clone)
export const detach = overloaded('detach') as Operators['detach']
method('detach', detach)
export const cat = overloaded('cat') as Operators['cat']
export const stack = overloaded('stack') as Operators['stack']
export const split = overloaded('split.Tensor') as Operators['split']
method('split', split)
export const chunk = overloaded('chunk') as Operators['chunk']
method('chunk', chunk)
export const narrow = overloaded('narrow') as Operators['narrow']
method('narrow', narrow)
export const select = overloaded('select.int') as Operators['select']
method('select', select)
export const slice = overloaded('slice.Tensor') as Operators['slice']
method('slice', slice)
export const flip = overloaded('flip') as Operators['flip']
method('flip', flip)
export const roll = overloaded('roll') as Operators['roll']
method('roll', roll)
export const repeat = overloaded('repeat') as Operators['repeat']
method('repeat', repeat)
export const tile = overloaded('tile') as Operators['tile']
method('tile', tile)
export const expandAs = overloaded('expand_as') as Operators['expandAs']
method('expandAs', expandAs)
export const movedim = overloaded('movedim.intlist') as Operators['movedim']
method('movedim', movedim)
export const rot90 = overloaded('rot90') as Operators['rot90']
method('rot90', rot90)
export const diagonal = overloaded('diagonal') as Operators['diagonal']
method('diagonal', diagonal)
export const diagEmbed = overloaded('diag_embed') as Operators['diagEmbed']
method('diagEmbed', diagEmbed)
export const tril = overloaded('tril') as Operators['tril']
method('tril', tril)
export const triu = overloaded('triu') as Operators['triu']
method('triu', triu)
export const meshgrid = overloaded('meshgrid.indexing') as Operators['meshgrid']
export const unfold = overloaded('unfold') as Operators['unfold']
method('unfold', unfold)
export const im2col = overloaded('im2col') as Operators['im2col']
method('im2col', im2col)
export const col2im = overloaded('col2im') as Operators['col2im']
method('col2im', col2im)
export const pixelShuffle = overloaded('pixel_shuffle') as Operators['pixelShuffle']
method('pixelShuffle', pixelShuffle)
export const pixelUnshuffle = overloaded('pixel_unshuffle') as Operators['pixelUnshuffle']
method('pixelUnshuffle', pixelUnshuffle)
export const asStrided = overloaded('as_strided') as Operators['asStrided']
method('asStrided', asStrided)
export const index = overloaded('index.Tensor') as Operators['index']
method('index', index)
export const indexSelect = overloaded('index_select') as Operators['indexSelect']
method('indexSelect', indexSelect)
export const gather = overloaded('gather') as Operators['gather']
method('gather', gather)
export const scatter = overloaded('scatter.src') as Operators['scatter']
method('scatter', scatter)
export const scatterAdd = overloaded('scatter_add') as Operators['scatterAdd']
method('scatterAdd', scatterAdd)
export const indexAdd = overloaded('index_add') as Operators['indexAdd']
method('indexAdd', indexAdd)
export const indexCopy = overloaded('index_copy') as Operators['indexCopy']
method('indexCopy', indexCopy)
export const maskedFill = overloaded('masked_fill.Scalar') as Operators['maskedFill']
method('maskedFill', maskedFill)
export const maskedSelect = overloaded('masked_select') as Operators['maskedSelect']
method('maskedSelect', maskedSelect)
export const nonzero = overloaded('nonzero') as Operators['nonzero']
method('nonzero', nonzero)
export const take = overloaded('take') as Operators['take']
method('take', take)
export const takeAlongDim = overloaded('take_along_dim') as Operators['takeAlongDim']
method('takeAlongDim', takeAlongDim)
export const oneHot = overloaded('one_hot') as Operators['oneHot']
method('oneHot', oneHot)
export const indexPut = overloaded('index_put') as Operators['indexPut']
method('indexPut', indexPut)
export const matmul = overloaded('matmul') as Operators['matmul']
method('matmul', matmul)
export const mm = overloaded('mm') as Operators['mm']
method('mm', mm)
export const bmm = overloaded('bmm') as Operators['bmm']
method('bmm', bmm)
export const mv = overloaded('mv') as Operators['mv']
method('mv', mv)
export const dot = overloaded('dot') as Operators['dot']
method('dot', dot)
export const outer = overloaded('outer') as Operators['outer']
method('outer', outer)
export const addmm = overloaded('addmm') as Operators['addmm']
method('addmm', addmm)
export const baddbmm = overloaded('baddbmm') as Operators['baddbmm']
method('baddbmm', baddbmm)
export const einsum = overloaded('einsum') as Operators['einsum']
export const tensordot = overloaded('tensordot') as Operators['tensordot']
method('tensordot', tensordot)
export const kron = overloaded('kron') as Operators['kron']
method('kron', kron)
export const cdist = overloaded('cdist') as Operators['cdist']
method('cdist', cdist)
export const trace = overloaded('trace') as Operators['trace']
method('trace', trace)
export const linalgCholesky = overloaded('linalg_cholesky') as Operators['linalgCholesky']
method('linalgCholesky', linalgCholesky)
export const linalgCholeskyEx = overloaded('linalg_cholesky_ex') as Operators['linalgCholeskyEx']
method('linalgCholeskyEx', linalgCholeskyEx)
export const linalgEigh = overloaded('linalg_eigh') as Operators['linalgEigh']
method('linalgEigh', linalgEigh)
export const linalgEigvalsh = overloaded('linalg_eigvalsh') as Operators['linalgEigvalsh']
method('linalgEigvalsh', linalgEigvalsh)
export const linalgEigvals = overloaded('linalg_eigvals') as Operators['linalgEigvals']
method('linalgEigvals', linalgEigvals)
export const linalgSlogdet = overloaded('linalg_slogdet') as Operators['linalgSlogdet']
method('linalgSlogdet', linalgSlogdet)
export const linalgDet = overloaded('linalg_det') as Operators['linalgDet']
method('linalgDet', linalgDet)
export const linalgSolveTriangular = overloaded('linalg_solve_triangular') as Operators['linalgSolveTriangular']
method('linalgSolveTriangular', linalgSolveTriangular)
export const linalgInv = overloaded('linalg_inv') as Operators['linalgInv']
method('linalgInv', linalgInv)
export const linalgSolve = overloaded('linalg_solve') as Operators['linalgSolve']
method('linalgSolve', linalgSolve)
export const linalgQr = overloaded('linalg_qr') as Operators['linalgQr']
method('linalgQr', linalgQr)
export const linalgSvd = overloaded('linalg_svd') as Operators['linalgSvd']
method('linalgSvd', linalgSvd)
export const linalgSvdvals = overloaded('linalg_svdvals') as Operators['linalgSvdvals']
method('linalgSvdvals', linalgSvdvals)
export const linalgMatrixExp = overloaded('linalg_matrix_exp') as Operators['linalgMatrixExp']
method('linalgMatrixExp', linalgMatrixExp)
export const linalgLu = overloaded('linalg_lu') as Operators['linalgLu']
method('linalgLu', linalgLu)
export const linalgMatrixNorm = overloaded('linalg_matrix_norm') as Operators['linalgMatrixNorm']
method('linalgMatrixNorm', linalgMatrixNorm)
export const linalgNorm = overloaded('linalg_norm') as Operators['linalgNorm']
method('linalgNorm', linalgNorm)
export const choleskySolve = overloaded('cholesky_solve') as Operators['choleskySolve']
method('choleskySolve', choleskySolve)
export const linear = overloaded('linear') as Operators['linear']
method('linear', linear)
export const conv1d = overloaded('conv1d') as Operators['conv1d']
method('conv1d', conv1d)
export const conv2d = overloaded('conv2d') as Operators['conv2d']
method('conv2d', conv2d)
export const conv3d = overloaded('conv3d') as Operators['conv3d']
method('conv3d', conv3d)
export const convTranspose2d = overloaded('conv_transpose2d.input') as Operators['convTranspose2d']
method('convTranspose2d', convTranspose2d)
export const maxPool2d = overloaded('max_pool2d') as Operators['maxPool2d']
method('maxPool2d', maxPool2d)
export const avgPool2d = overloaded('avg_pool2d') as Operators['avgPool2d']
method('avgPool2d', avgPool2d)
export const adaptiveAvgPool2d = overloaded('adaptive_avg_pool2d') as Operators['adaptiveAvgPool2d']
method('adaptiveAvgPool2d', adaptiveAvgPool2d)
export const batchNorm = overloaded('batch_norm') as Operators['batchNorm']
method('batchNorm', batchNorm)
export const layerNorm = overloaded('layer_norm') as Operators['layerNorm']
method('layerNorm', layerNorm)
export const groupNorm = overloaded('group_norm') as Operators['groupNorm']
method('groupNorm', groupNorm)
export const instanceNorm = overloaded('instance_norm') as Operators['instanceNorm']
method('instanceNorm', instanceNorm)
export const embedding = overloaded('embedding') as Operators['embedding']
method('embedding', embedding)
export const pad = overloaded('pad') as Operators['pad']
method('pad', pad)
export const reflectionPad2d = overloaded('reflection_pad2d') as Operators['reflectionPad2d']
method('reflectionPad2d', reflectionPad2d)
export const constantPadNd = overloaded('constant_pad_nd') as Operators['constantPadNd']
method('constantPadNd', constantPadNd)
export const relu = overloaded('relu') as Operators['relu']
method('relu', relu)
export const leakyRelu = overloaded('leaky_relu') as Operators['leakyRelu']
method('leakyRelu', leakyRelu)
export const elu = overloaded('elu') as Operators['elu']
method('elu', elu)
export const gelu = overloaded('gelu') as Operators['gelu']
method('gelu', gelu)
export const silu = overloaded('silu') as Operators['silu']
method('silu', silu)
export const softplus = overloaded('softplus') as Operators['softplus']
method('softplus', softplus)
export const logSigmoid = overloaded('log_sigmoid') as Operators['logSigmoid']
method('logSigmoid', logSigmoid)
export const hardtanh = overloaded('hardtanh') as Operators['hardtanh']
method('hardtanh', hardtanh)
export const mish = overloaded('mish') as Operators['mish']
method('mish', mish)
export const softmax = overloaded('softmax.int') as Operators['softmax']
method('softmax', softmax)
export const logSoftmax = overloaded('log_softmax.int') as Operators['logSoftmax']
method('logSoftmax', logSoftmax)
export const nllLoss = overloaded('nll_loss') as Operators['nllLoss']
method('nllLoss', nllLoss)
export const crossEntropyLoss = overloaded('cross_entropy_loss') as Operators['crossEntropyLoss']
method('crossEntropyLoss', crossEntropyLoss)
export const mseLoss = overloaded('mse_loss') as Operators['mseLoss']
method('mseLoss', mseLoss)
export const l1Loss = overloaded('l1_loss') as Operators['l1Loss']
method('l1Loss', l1Loss)
export const smoothL1Loss = overloaded('smooth_l1_loss') as Operators['smoothL1Loss']
method('smoothL1Loss', smoothL1Loss)
export const klDiv = overloaded('kl_div') as Operators['klDiv']
method('klDiv', klDiv)
export const binaryCrossEntropyWithLogits = overloaded('binary_cross_entropy_with_logits') as Operators['binaryCrossEntropyWithLogits']
method('binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits)
export const upsampleNearest2d = overloaded('upsample_nearest2d.vec') as Operators['upsampleNearest2d']
method('upsampleNearest2d', upsampleNearest2d)
export const upsampleBilinear2d = overloaded('upsample_bilinear2d.vec') as Operators['upsampleBilinear2d']
method('upsampleBilinear2d', upsampleBilinear2d)
export const _toCopy = overloaded('_to_copy') as Operators['_toCopy']
method('_toCopy', _toCopy)
export const zerosLike = overloaded('zeros_like') as Operators['zerosLike']
method('zerosLike', zerosLike)
export const onesLike = overloaded('ones_like') as Operators['onesLike']
method('onesLike', onesLike)
export const fullLike = overloaded('full_like') as Operators['fullLike']
method('fullLike', fullLike)
export const emptyLike = overloaded('empty_like') as Operators['emptyLike']
method('emptyLike', emptyLike)
export const bernoulli = overloaded('bernoulli') as Operators['bernoulli']
method('bernoulli', bernoulli)
export const multinomial = overloaded('multinomial') as Operators['multinomial']
method('multinomial', multinomial)
export const normal = overloaded('normal.Tensor_Tensor') as Operators['normal']
method('normal', normal)
