// Calls that libtorch accepts and does not survive: it ends in a signal, or never. Each rule turns one class of them into
// an Error; `dispatch.cc` asks for an operator's rule once and applies it before every call.
#include "torch_node.h"

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

namespace torch_node {
namespace {

using c10::IValue;
using torch::jit::Stack;

// LAPACK's iterations do not end, or leave their arrays, where an element is not finite.
void finite(const Stack& arguments) {
  const auto& matrix = arguments[0].toTensor();
  if (!matrix.is_cpu() || !(matrix.is_floating_point() || matrix.is_complex())) return;
  at::NoGradGuard guard;
  if (!at::isfinite(matrix).all().item<bool>())
    throw std::invalid_argument("expected finite elements: the iteration would not converge");
}

// The norms that take singular values: ord ±2 and 'nuc' of matrices.
void finiteForNorm(const Stack& arguments) {
  const IValue& order = arguments[1];
  bool spectral = order.isScalar() && std::abs(order.toScalar().toDouble()) == 2;
  bool ofMatrix = arguments[2].isIntList() ? arguments[2].toIntVector().size() == 2 : arguments[0].toTensor().dim() == 2;
  if ((spectral && ofMatrix) || order.isString()) finite(arguments);
}

// The processor raises a signal where the smallest int32 or int64 is divided by −1.
void division(const Stack& arguments) {
  auto operand = [](const IValue& value) { return value.isTensor() ? value.toTensor() : at::scalar_tensor(value.toScalar()); };
  auto type = at::kLong;
  for (int i : {0, 1}) {
    const IValue& value = arguments[i];
    if (value.isTensor() ? !value.toTensor().is_cpu() || !at::isIntegralType(value.toTensor().scalar_type(), true) : !value.isInt()) return;
  }
  const IValue &dividend = arguments[0], &divisor = arguments[1];
  if (dividend.isTensor() && divisor.isTensor()) type = at::result_type(dividend.toTensor(), divisor.toTensor());
  else if (dividend.isTensor()) type = at::result_type(dividend.toTensor(), divisor.toScalar());
  else if (divisor.isTensor()) type = at::result_type(dividend.toScalar(), divisor.toTensor());
  if (type != at::kLong && type != at::kInt) return;
  at::NoGradGuard guard;
  if (!operand(divisor).to(type).eq(-1).any().item<bool>()) return;
  int64_t smallest = type == at::kInt ? INT32_MIN : INT64_MIN;
  if (operand(dividend).to(type).to(at::kLong).eq(smallest).any().item<bool>())
    throw std::invalid_argument(std::string("the smallest ") + dtypeName(type) + " has no quotient with -1");
}
void roundedDivision(const Stack& arguments) {
  if (arguments.size() > 2 && arguments[2].isString()) division(arguments);
}

// More groups than channels overflow a product that is divided by later. The place is the same in every conv operator.
void convolution(const Stack& arguments) {
  const auto& weight = arguments[1].toTensor();
  if (weight.dim() && arguments[6].toInt() > std::max<int64_t>(1, weight.size(0)))
    throw std::invalid_argument("expected groups to divide the channels, received " + std::to_string(arguments[6].toInt()));
}

void pixelShuffle(const Stack& arguments) {
  const auto& image = arguments[0].toTensor();
  if (image.dim() >= 3 && arguments[1].toInt() > std::max<int64_t>(1, image.size(-3)))
    throw std::invalid_argument("expected upscale_factor² to divide the channels, received " + std::to_string(arguments[1].toInt()));
}

// Indices that are read without a look at where they point.
void sorter(const Stack& arguments) {
  if (!arguments[0].isTensor() || !arguments[5].isTensor()) return;
  const auto &sequence = arguments[0].toTensor(), &order = arguments[5].toTensor();
  if (!order.numel() || !sequence.dim() || order.scalar_type() != at::kLong) return;
  if (order.min().item<int64_t>() < 0 || order.max().item<int64_t>() >= sequence.size(-1))
    throw std::invalid_argument("sorter has indices outside of sorted_sequence");
}
// An offset that overflows in bytes passes libtorch's own look at the storage's bounds.
void strided(const Stack& arguments) {
  const IValue& offset = arguments.back();
  const auto& tensor = arguments[0].toTensor();
  if (!offset.isInt() || !tensor.has_storage()) return;
  if (offset.toInt() < 0 || offset.toInt() > static_cast<int64_t>(tensor.storage().nbytes() / tensor.element_size()))
    throw std::invalid_argument("expected an offset within the tensor's memory, received " + std::to_string(offset.toInt()));
}
// A scalar has one place to write to, whatever the number of indices.
void indexSelect(const Stack& arguments) {
  if (!arguments[1].isInt() || arguments[0].toTensor().dim() || arguments[2].toTensor().numel() == 1) return;
  throw std::invalid_argument("expected one index into a scalar");
}
void binCount(const Stack& arguments) {
  const auto& bins = arguments[0].toTensor();
  if (bins.scalar_type() == at::kLong && bins.numel() && bins.max().item<int64_t>() >= INT64_C(1) << 53)
    throw std::invalid_argument("expected bins below 2^53");
}

const std::map<std::string, Guard> guards = {
    {"aten::linalg_svd", finite},
    {"aten::linalg_svdvals", finite},
    {"aten::_linalg_svd", finite},
    {"aten::svd", finite},
    {"aten::linalg_eigh", finite},
    {"aten::linalg_eigvalsh", finite},
    {"aten::_linalg_eigh", finite},
    {"aten::linalg_eig", finite},
    {"aten::linalg_eigvals", finite},
    {"aten::linalg_cond", finite},
    {"aten::linalg_pinv", finite},
    {"aten::linalg_matrix_rank", finite},
    {"aten::linalg_norm", finiteForNorm},
    {"aten::linalg_matrix_norm", finiteForNorm},
    {"aten::as_strided", strided},
    {"aten::as_strided_", strided},
    {"aten::as_strided_scatter", strided},
    {"aten::floor_divide", division},
    {"aten::floor_divide_", division},
    {"aten::remainder", division},
    {"aten::remainder_", division},
    {"aten::fmod", division},
    {"aten::fmod_", division},
    {"aten::div", roundedDivision},
    {"aten::div_", roundedDivision},
    {"aten::divide", roundedDivision},
    {"aten::divide_", roundedDivision},
    {"aten::conv1d", convolution},
    {"aten::conv2d", convolution},
    {"aten::conv3d", convolution},
    {"aten::conv_transpose1d", convolution},
    {"aten::conv_transpose2d", convolution},
    {"aten::conv_transpose3d", convolution},
    {"aten::pixel_shuffle", pixelShuffle},
    {"aten::searchsorted", sorter},
    {"aten::index_select", indexSelect},
    {"aten::bincount", binCount},
};

}  // namespace

Guard guardOf(const std::string& name) {
  auto found = guards.find(name);
  return found == guards.end() ? nullptr : found->second;
}

}  // namespace torch_node
