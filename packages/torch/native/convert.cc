// JavaScript values as the schema's types, and back.
#include "torch_node.h"

#include <ATen/core/jit_type.h>

#include <cmath>

namespace torch_node {

using c10::IValue;
using c10::TypeKind;

[[noreturn]] static void mismatch(Napi::Env env, const std::string& expected, const Napi::Value& value) {
  throw Napi::TypeError::New(env, "expected " + expected + ", received " + received(value));
}

static c10::Scalar toScalar(const Napi::Value& value) {
  if (value.IsBoolean()) return c10::Scalar(static_cast<bool>(value.ToBoolean()));
  if (value.IsBigInt()) return c10::Scalar(toInteger(value));
  if (!value.IsNumber()) mismatch(value.Env(), "a number", value);
  double number = value.As<Napi::Number>().DoubleValue();
  bool whole = std::trunc(number) == number && std::abs(number) <= 9007199254740991.0 && !(number == 0 && std::signbit(number));
  return whole ? c10::Scalar(static_cast<int64_t>(number)) : c10::Scalar(number);
}

static IValue toTensorArgument(const Napi::Value& value) {
  if (tensorBox(value)) return unwrap(value);
  if (value.IsNumber() || value.IsBoolean() || value.IsBigInt()) {
    // As in Python: a plain number takes part in type promotion as a scalar, not as a tensor of its own dtype.
    at::Tensor tensor = at::scalar_tensor(toScalar(value), toScalar(value).isFloatingPoint() ? at::kDouble
                                                            : toScalar(value).isBoolean()    ? at::kBool
                                                                                             : at::kLong);
    tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
    return tensor;
  }
  mismatch(value.Env(), "a tensor", value);
}

static IValue toListArgument(const Napi::Value& value, const c10::TypePtr& element, c10::optional<int32_t> fixedSize) {
  auto env = value.Env();
  auto kind = element->kind();
  bool single = !value.IsArray();
  if (single && !(fixedSize && (kind == TypeKind::IntType || kind == TypeKind::SymIntType || kind == TypeKind::FloatType)))
    mismatch(env, "a list", value);
  auto array = single ? Napi::Array() : value.As<Napi::Array>();
  uint32_t length = single ? *fixedSize : array.Length();
  auto at = [&](uint32_t i) -> Napi::Value { return single ? value : array.Get(i); };
  switch (kind) {
    case TypeKind::IntType:
    case TypeKind::SymIntType: {
      std::vector<int64_t> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toInteger(at(i), "element " + std::to_string(i)));
      return list;
    }
    case TypeKind::FloatType: {
      std::vector<double> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toScalar(at(i)).toDouble());
      return list;
    }
    case TypeKind::BoolType: {
      c10::List<bool> list;
      for (uint32_t i = 0; i < length; i++) {
        if (!at(i).IsBoolean()) mismatch(env, "a list of booleans", at(i));
        list.push_back(at(i).ToBoolean());
      }
      return list;
    }
    case TypeKind::TensorType: {
      c10::List<at::Tensor> list;
      for (uint32_t i = 0; i < length; i++) {
        if (!tensorBox(at(i))) mismatch(env, "a list of tensors", at(i));
        list.push_back(unwrap(at(i)));
      }
      return list;
    }
    case TypeKind::OptionalType: {
      c10::List<c10::optional<at::Tensor>> list;
      for (uint32_t i = 0; i < length; i++) {
        Napi::Value item = at(i);
        if (item.IsNull() || item.IsUndefined())
          list.push_back(c10::nullopt);
        else if (tensorBox(item))
          list.push_back(c10::optional<at::Tensor>(unwrap(item)));
        else
          mismatch(env, "a list of tensors or null", item);
      }
      return list;
    }
    case TypeKind::NumberType: {
      c10::List<c10::Scalar> list;
      for (uint32_t i = 0; i < length; i++) list.push_back(toScalar(at(i)));
      return list;
    }
    default: throw Napi::TypeError::New(env, "lists of " + element->str() + " are not supported");
  }
}

static IValue toIValue(const Napi::Value& value, const c10::TypePtr& type, const c10::TypePtr& realType,
                       c10::optional<int32_t> fixedSize) {
  auto env = value.Env();
  switch (realType->kind()) {  // kinds that the plain type shows as int
    case TypeKind::ScalarTypeType: {
      auto dtype = value.IsString() ? dtypeNamed(value.As<Napi::String>().Utf8Value()) : std::nullopt;
      if (!dtype) mismatch(env, "a dtype such as 'float32'", value);
      return static_cast<int64_t>(*dtype);
    }
    case TypeKind::MemoryFormatType: {
      auto name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
      if (name == "contiguous") return static_cast<int64_t>(at::MemoryFormat::Contiguous);
      if (name == "preserve") return static_cast<int64_t>(at::MemoryFormat::Preserve);
      if (name == "channels_last") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
      if (name == "channels_last_3d") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast3d);
      mismatch(env, "'contiguous', 'preserve', 'channels_last' or 'channels_last_3d'", value);
    }
    case TypeKind::LayoutType:
      if (value.IsString() && value.As<Napi::String>().Utf8Value() == "strided") return static_cast<int64_t>(at::kStrided);
      mismatch(env, "'strided'", value);
    default: break;
  }
  switch (type->kind()) {
    case TypeKind::OptionalType: {
      if (value.IsNull() || value.IsUndefined()) return IValue();
      auto real = realType->kind() == TypeKind::OptionalType ? realType->castRaw<c10::OptionalType>()->getElementType() : realType;
      return toIValue(value, type->castRaw<c10::OptionalType>()->getElementType(), real, fixedSize);
    }
    case TypeKind::TensorType: return toTensorArgument(value);
    case TypeKind::ListType: return toListArgument(value, type->castRaw<c10::ListType>()->getElementType(), fixedSize);
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      if (!value.IsNumber() && !value.IsBigInt()) mismatch(env, "an integer", value);
      return toInteger(value);
    case TypeKind::FloatType:
      if (!value.IsNumber()) mismatch(env, "a number", value);
      return value.As<Napi::Number>().DoubleValue();
    case TypeKind::NumberType: return toScalar(value);
    case TypeKind::BoolType:
      if (!value.IsBoolean()) mismatch(env, "true or false", value);
      return static_cast<bool>(value.ToBoolean());
    case TypeKind::StringType:
      if (!value.IsString()) mismatch(env, "a string", value);
      return value.As<Napi::String>().Utf8Value();
    case TypeKind::DeviceObjType:
      if (!value.IsString()) mismatch(env, "a device such as 'cpu' or 'cuda:0'", value);
      return toDevice(env, value.As<Napi::String>().Utf8Value());
    case TypeKind::GeneratorType: {
      auto* box = generatorBox(value);
      if (!box) mismatch(env, "a generator", value);
      return box->generator;
    }
    default: throw Napi::TypeError::New(env, "arguments of type " + type->str() + " are not supported");
  }
}

// libtorch reads an `int[2]` without counting. Empty is right only where it is the default (a stride as the kernel's size).
static void checkLength(const Napi::Value& value, const c10::Argument& argument) {
  if (!value.IsArray() || argument.N().value_or(0) < 2) return;
  int64_t length = value.As<Napi::Array>().Length();
  const auto& fallback = argument.default_value();
  bool byDefault = length == 0 && fallback && fallback->isIntList() && fallback->toIntVector().empty();
  if (length != *argument.N() && !byDefault)
    throw Napi::TypeError::New(value.Env(), "expected a number or a list of " + std::to_string(*argument.N()) +
                                                ", received a list of " + std::to_string(length));
}

IValue toArgument(const Napi::Value& value, const c10::Argument& argument) {
  checkLength(value, argument);
  return toIValue(value, argument.type(), argument.real_type(), argument.N());
}

Napi::Value fromIValue(Napi::Env env, const IValue& value) {
  if (value.isTensor()) return wrap(env, value.toTensor());
  if (value.isNone()) return env.Null();
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isScalar()) return Napi::Number::New(env, value.toScalar().toDouble());
  if (value.isString()) return Napi::String::New(env, value.toStringRef());
  if (value.isList() || value.isTuple()) {
    std::vector<IValue> items;
    if (value.isList())
      for (const IValue& item : value.toListRef()) items.push_back(item);
    else
      for (const IValue& item : value.toTupleRef().elements()) items.push_back(item);
    auto array = Napi::Array::New(env, items.size());
    for (size_t i = 0; i < items.size(); i++) array[i] = fromIValue(env, items[i]);
    return array;
  }
  throw Napi::TypeError::New(env, "results of type " + value.tagKind() + " are not supported");
}

}  // namespace torch_node
