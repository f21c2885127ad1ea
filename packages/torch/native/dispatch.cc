// The one door into libtorch: any operator of its dispatcher, its arguments checked by its schema.
#include "torch_node.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <map>
#include <memory>
#include <sstream>

namespace torch_node {

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
      return toArgument(value, arguments[i]);
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
    emitWarnings(env);
    if (op.inPlace) return env.Undefined();
    if (stack.size() == 1) return fromIValue(env, stack[0]);
    if (stack.empty()) return env.Null();
    auto results = Napi::Array::New(env, stack.size());
    for (size_t i = 0; i < stack.size(); i++) results[i] = fromIValue(env, stack[i]);
    return results;
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::Error& error) {
    throw Napi::Error::New(env, op.name + ": " + plainMessage(error.what_without_backtrace()) + tensorsOf(op, given));
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, op.name + ": " + plainMessage(error.what()) + tensorsOf(op, given));
  }
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
