// What every message and check is made of: names of dtypes and shapes, what came from JavaScript, whole numbers, devices.
#include "torch_node.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <cctype>
#include <cmath>
#include <cstring>
#include <sstream>

namespace torch_node {

struct Dtype {
  at::ScalarType type;
  const char* name;
};
static const Dtype dtypes[] = {
    {at::kDouble, "float64"}, {at::kFloat, "float32"}, {at::kBFloat16, "bfloat16"}, {at::kHalf, "float16"},
    {at::kLong, "int64"},     {at::kInt, "int32"},     {at::kShort, "int16"},       {at::kChar, "int8"},
    {at::kByte, "uint8"},     {at::kBool, "bool"},     {at::kComplexFloat, "complex64"},
    {at::kComplexDouble, "complex128"}};

const char* dtypeName(at::ScalarType type) {
  for (const auto& d : dtypes)
    if (d.type == type) return d.name;
  return "other";
}

std::optional<at::ScalarType> dtypeNamed(const std::string& name) {
  for (const auto& d : dtypes)
    if (name == d.name) return d.type;
  return std::nullopt;
}

std::string shapeString(at::IntArrayRef shape) {
  std::ostringstream out;
  out << '[';
  for (size_t i = 0; i < shape.size(); i++) out << (i ? ", " : "") << shape[i];
  out << ']';
  return out.str();
}

std::string describe(const at::Tensor& t) {
  if (!t.defined()) return "disposed tensor";
  std::string text = std::string(dtypeName(t.scalar_type())) + " " + shapeString(t.sizes());
  if (!t.device().is_cpu()) text += " on " + t.device().str();
  return text;
}

std::string received(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_boolean: return value.ToBoolean() ? "true" : "false";
    case napi_number:
    case napi_bigint: return "the number " + value.ToString().Utf8Value();
    case napi_string: return "the string '" + value.As<Napi::String>().Utf8Value().substr(0, 60) + "'";
    case napi_symbol: return "a symbol";
    case napi_function: return "a function";
    case napi_external: return tensorBox(value) ? "a tensor" : "a generator";
    default: return value.IsArray() ? "a list" : "an object";
  }
}

// libtorch speaks to users of Python and adds hints for C++ developers.
std::string plainMessage(std::string message) {
  for (const char* hint : {"\nException raised from", ". This could be because the operator doesn't exist for this backend"}) {
    auto end = message.find(hint);
    if (end != std::string::npos) message.resize(end);
  }
  for (auto& c : message)
    if (c == '\n') c = ' ';
  for (auto [python, own] : {std::pair{"retain_graph=True", "retainGraph: true"}, {"allow_unused=True", "allowUnused: true"}}) {
    auto at = message.find(python);
    if (at != std::string::npos) message.replace(at, std::strlen(python), own);
  }
  return message;
}

int64_t toInteger(const Napi::Value& value, const std::string& what) {
  if (value.IsBigInt()) {
    bool lossless = false;
    int64_t result = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return result;
  } else if (value.IsNumber()) {
    double number = value.As<Napi::Number>().DoubleValue();
    if (std::trunc(number) == number && std::abs(number) <= 9007199254740991.0) return static_cast<int64_t>(number);
  }
  throw Napi::TypeError::New(value.Env(), (what.empty() ? what : what + ": ") + "expected a safe integer, received " + received(value));
}

at::Device toDevice(Napi::Env env, const std::string& name) {
  at::Device device(name);
  if (device.is_cpu()) return device;
  if (!device.is_cuda()) throw Napi::TypeError::New(env, "expected the device 'cpu' or 'cuda:N', received '" + name + "'");
  int count = at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0;
  if (device.index() >= count || count == 0)
    throw Napi::Error::New(env, "there is no device '" + name + "': libtorch sees " + std::to_string(count) + " CUDA devices here");
  return device;
}

std::vector<int64_t> toIntegers(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), what + ": expected a list of integers");
  auto array = value.As<Napi::Array>();
  std::vector<int64_t> result;  // grows: a list may claim a length that no memory holds
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(toInteger(array.Get(i), what));
  return result;
}

std::string camelCase(const std::string& name) {
  std::string result;
  for (size_t i = 0; i < name.size(); i++) {
    if (name[i] == '_' && i > 0 && i + 1 < name.size() && std::isalpha(static_cast<unsigned char>(name[i + 1])))
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(name[++i])));
    else
      result += name[i];
  }
  return result;
}

}  // namespace torch_node
