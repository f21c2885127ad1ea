// The one door into libtorch: any operator of its dispatcher, its arguments checked by its schema.
#include "torch_node.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>

#include <cctype>
#include <cmath>
#include <map>
#include <memory>
#include <sstream>

namespace torch_node {

using c10::IValue;
using c10::TypeKind;

struct Operator {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<size_t> required;                      // indices of the arguments without a default: positional
  std::map<std::string, size_t> optional;            // the rest, by name
  bool inPlace;                                      // writes into its first argument and returns it
  int generator;                                     // the index of the argument that is one, or −1
  Guard guard;
};

// Operators found so far, per environment: a call names one by its index.
struct Registry {
  std::vector<std::unique_ptr<Operator>> operators;
};

static Operator& operatorOf(const Napi::CallbackInfo& info) {
  auto* registry = info.Env().GetInstanceData<Registry>();
  size_t index = info[0].As<Napi::Number>().Uint32Value();
  if (index >= registry->operators.size()) throw Napi::Error::New(info.Env(), "call: unknown operator index");
  return *registry->operators[index];
}

// Arguments have PyTorch's names in camelCase.
static std::string camelCase(const std::string& name) {
  std::string result;
  for (size_t i = 0; i < name.size(); i++) {
    if (name[i] == '_' && i > 0 && i + 1 < name.size() && std::isalpha(static_cast<unsigned char>(name[i + 1])))
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(name[++i])));
    else
      result += name[i];
  }
  return result;
}

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
      std::vector<int64_t> list(length);
      for (uint32_t i = 0; i < length; i++) list[i] = toInteger(at(i), "element " + std::to_string(i));
      return list;
    }
    case TypeKind::FloatType: {
      std::vector<double> list(length);
      for (uint32_t i = 0; i < length; i++) list[i] = toScalar(at(i)).toDouble();
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

static Napi::Value fromIValue(Napi::Env env, const IValue& value) {
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

// The tensors among the arguments, for an error's message: " (self float32 [2, 3], other float32 [4])".
static std::string tensorsOf(const Operator& op, const torch::jit::Stack& arguments) {
  std::ostringstream out;
  const auto& schema = op.handle.schema().arguments();
  const char* separator = " (";
  for (size_t i = 0; i < arguments.size() && i < schema.size(); i++) {
    if (arguments[i].isTensor()) {
      out << separator << camelCase(schema[i].name()) << ' ' << describe(arguments[i].toTensor());
      separator = ", ";
    }
  }
  return separator[0] == ',' ? out.str() + ")" : "";
}

// call(index, positional, options | undefined): the results; undefined from an operator that works in place.
static Napi::Value call(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  auto& op = operatorOf(info);
  const auto& arguments = op.handle.schema().arguments();
  auto positional = info[1].As<Napi::Array>();
  auto convert = [&](size_t i, const Napi::Value& value) {
    try {
      checkLength(value, arguments[i]);
      return toIValue(value, arguments[i].type(), arguments[i].real_type(), arguments[i].N());
    } catch (const Napi::Error& error) {
      throw Napi::TypeError::New(env, op.name + ": argument '" + camelCase(arguments[i].name()) + "': " + error.Message());
    } catch (const c10::Error& error) {
      throw Napi::TypeError::New(env, op.name + ": argument '" + camelCase(arguments[i].name()) + "': " + plainMessage(error.what_without_backtrace()));
    }
  };
  if (positional.Length() != op.required.size()) {
    std::string names;
    for (size_t i : op.required) names += (names.empty() ? "" : ", ") + camelCase(arguments[i].name());
    throw Napi::TypeError::New(env, op.name + ": expected " + std::to_string(op.required.size()) + " arguments (" + names +
                                        "), received " + std::to_string(positional.Length()));
  }
  torch::jit::Stack stack(arguments.size());
  for (size_t i = 0; i < arguments.size(); i++)
    if (auto fallback = arguments[i].default_value()) stack[i] = *fallback;
  for (size_t i = 0; i < op.required.size(); i++) stack[op.required[i]] = convert(op.required[i], positional.Get(i));
  if (info[2].IsObject()) {
    auto options = info[2].As<Napi::Object>();
    auto names = options.GetPropertyNames();
    for (uint32_t i = 0; i < names.Length(); i++) {
      auto name = names.Get(i).As<Napi::String>().Utf8Value();
      Napi::Value value = options.Get(name);
      if (value.IsUndefined()) continue;
      auto found = op.optional.find(name);
      if (found == op.optional.end()) {
        std::string known;
        for (const auto& [option, index] : op.optional) known += (known.empty() ? "" : ", ") + option;
        throw Napi::TypeError::New(env, op.name + ": unknown option '" + name + "'; its options are: " + (known.empty() ? "none" : known));
      }
      stack[found->second] = convert(found->second, value);
    }
  }
  // libtorch would draw from a stream of its own that nobody seeds or saves.
  if (op.generator >= 0 && stack[op.generator].isNone())
    throw Napi::TypeError::New(env, op.name + ": expected a generator in its options; make one with new Generator(seed)");
  const torch::jit::Stack given = stack;  // the call consumes the stack, a complaint names its tensors
  try {
    if (op.guard) op.guard(stack);
    op.handle.callBoxed(&stack);
  } catch (const c10::Error& error) {
    throw Napi::Error::New(env, op.name + ": " + plainMessage(error.what_without_backtrace()) + tensorsOf(op, given));
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, op.name + ": " + plainMessage(error.what()) + tensorsOf(op, given));
  }
  emitWarnings(env);
  if (op.inPlace) return env.Undefined();
  if (stack.size() == 1) return fromIValue(env, stack[0]);
  if (stack.empty()) return env.Null();
  auto results = Napi::Array::New(env, stack.size());
  for (size_t i = 0; i < stack.size(); i++) results[i] = fromIValue(env, stack[i]);
  return results;
}

// findOperator(name, overload): { index, schema, required, inPlace } or null.
static Napi::Value findOperator(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "operator", [&]() -> Napi::Value {
    auto found = c10::Dispatcher::singleton().findSchema(
        {info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::String>().Utf8Value()});
    if (!found) return env.Null();
    auto op = std::make_unique<Operator>(Operator{*found, "", {}, {}, false, -1, nullptr});
    const auto& schema = found->schema();
    op->name = schema.name();
    op->guard = guardOf(op->name);
    const auto& arguments = schema.arguments();
    for (size_t i = 0; i < arguments.size(); i++) {
      if (arguments[i].type()->str() == "Generator?") op->generator = static_cast<int>(i);
      if (arguments[i].default_value())
        op->optional[camelCase(arguments[i].name())] = i;
      else
        op->required.push_back(i);
    }
    auto writes = [](const c10::Argument& argument) { return argument.alias_info() && argument.alias_info()->isWrite(); };
    op->inPlace = schema.returns().size() == 1 && !arguments.empty() && writes(arguments[0]) && writes(schema.returns()[0]);
    std::ostringstream text;
    text << schema;
    auto* registry = env.GetInstanceData<Registry>();
    auto result = Napi::Object::New(env);
    result["index"] = Napi::Number::New(env, registry->operators.size());
    result["schema"] = Napi::String::New(env, text.str());
    result["required"] = Napi::Number::New(env, op->required.size());
    result["inPlace"] = Napi::Boolean::New(env, op->inPlace);
    registry->operators.push_back(std::move(op));
    return result;
  });
}

// operators(): every name that the dispatcher knows, as [name, overload].
static Napi::Value operators(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  auto names = c10::Dispatcher::singleton().getAllOpNames();
  auto result = Napi::Array::New(env, names.size());
  for (size_t i = 0; i < names.size(); i++) {
    auto pair = Napi::Array::New(env, 2);
    pair[uint32_t{0}] = Napi::String::New(env, names[i].name);
    pair[uint32_t{1}] = Napi::String::New(env, names[i].overload_name);
    result[i] = pair;
  }
  return result;
}

void exportDispatch(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Registry());
  exports["findOperator"] = Napi::Function::New(env, findOperator);
  exports["call"] = Napi::Function::New(env, call);
  exports["operators"] = Napi::Function::New(env, operators);
}

}  // namespace torch_node
