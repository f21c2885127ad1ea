// Gradients: grad, backward, grad mode.
#include "torch_node.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

namespace torch_node {

using torch::autograd::variable_list;

static variable_list toTensors(const Napi::Value& value, const char* what) {
  auto array = value.As<Napi::Array>();
  variable_list list;
  list.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array.Get(i);
    list.push_back(item.IsNull() || item.IsUndefined() ? at::Tensor() : unwrap(item));
  }
  return list;
}

// Half a gradient would be summed into a tensor of another shape: libtorch asserts later and less clearly.
static void checkGradOutputs(Napi::Env env, const char* what, const variable_list& outputs, const variable_list& grads) {
  if (grads.empty()) {
    for (const auto& output : outputs)
      if (output.numel() != 1)
        throw Napi::RangeError::New(env, std::string(what) + ": an output of more than one element, " + describe(output) +
                                             ", needs gradOutputs of the same shape");
    return;
  }
  if (grads.size() != outputs.size())
    throw Napi::RangeError::New(env, std::string(what) + ": " + std::to_string(outputs.size()) + " outputs but " +
                                         std::to_string(grads.size()) + " gradOutputs");
  for (size_t i = 0; i < grads.size(); i++)
    if (grads[i].defined() && (grads[i].sizes() != outputs[i].sizes() || grads[i].device() != outputs[i].device()))
      throw Napi::RangeError::New(env, std::string(what) + ": gradOutputs[" + std::to_string(i) + "] is " +
                                           describe(grads[i]) + ", its output is " + describe(outputs[i]));
}

// grad(outputs, inputs, gradOutputs | [], retainGraph, createGraph, allowUnused)
static Napi::Value grad(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "grad", [&]() -> Napi::Value {
    auto outputs = toTensors(info[0], "outputs");
    auto inputs = toTensors(info[1], "inputs");
    auto gradOutputs = toTensors(info[2], "gradOutputs");
    if (outputs.empty() || inputs.empty()) throw Napi::RangeError::New(env, "grad: outputs and inputs must not be empty");
    for (size_t i = 0; i < inputs.size(); i++)
      if (!inputs[i].requires_grad())
        throw Napi::Error::New(env, "grad: inputs[" + std::to_string(i) + "] (" + describe(inputs[i]) +
                                        ") does not require a gradient; call requiresGrad_() on it before computing");
    for (size_t i = 0; i < outputs.size(); i++)
      if (!outputs[i].requires_grad())
        throw Napi::Error::New(env, "grad: outputs[" + std::to_string(i) + "] (" + describe(outputs[i]) +
                                        ") does not depend on anything that requires a gradient");
    checkGradOutputs(env, "grad", outputs, gradOutputs);
    bool createGraph = info[4].ToBoolean();
    auto gradients = torch::autograd::grad(outputs, inputs, gradOutputs, c10::optional<bool>(info[3].ToBoolean()), createGraph,
                                           info[5].ToBoolean());
    emitWarnings(env);
    auto result = Napi::Array::New(env, gradients.size());
    for (size_t i = 0; i < gradients.size(); i++) result[i] = wrap(env, std::move(gradients[i]));
    return result;
  });
}

// backward(outputs, gradOutputs | [], retainGraph, createGraph)
static void backward(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  translated(env, "backward", [&] {
    auto outputs = toTensors(info[0], "outputs");
    auto gradOutputs = toTensors(info[1], "gradOutputs");
    for (const auto& output : outputs)
      if (!output.requires_grad())
        throw Napi::Error::New(env, "backward: " + describe(output) + " does not depend on anything that requires a gradient");
    checkGradOutputs(env, "backward", outputs, gradOutputs);
    torch::autograd::backward(outputs, gradOutputs, c10::optional<bool>(info[2].ToBoolean()), info[3].ToBoolean());
    emitWarnings(env);
  });
}

static Napi::Value setGradEnabled(const Napi::CallbackInfo& info) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(info[0].ToBoolean());
  return Napi::Boolean::New(info.Env(), before);
}

static Napi::Value requiresGrad(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), unwrap(info[0]).requires_grad());
}

static void setRequiresGrad(const Napi::CallbackInfo& info) {
  translated(info.Env(), "requiresGrad_", [&] {
    const auto& tensor = unwrap(info[0]);
    bool wanted = info[1].ToBoolean();
    if (!wanted && !tensor.is_leaf())
      throw Napi::Error::New(info.Env(), "requiresGrad_: " + describe(tensor) + " is a result, not a leaf; detach() it instead");
    tensor.set_requires_grad(wanted);
  });
}

static Napi::Value gradientOf(const Napi::CallbackInfo& info) { return wrap(info.Env(), unwrap(info[0]).grad()); }

static void clearGradient(const Napi::CallbackInfo& info) { unwrap(info[0]).mutable_grad().reset(); }

void exportAutograd(Napi::Env env, Napi::Object exports) {
  exports["grad"] = Napi::Function::New(env, grad);
  exports["backward"] = Napi::Function::New(env, backward);
  exports["setGradEnabled"] = Napi::Function::New(env, setGradEnabled);
  exports["requiresGrad"] = Napi::Function::New(env, requiresGrad);
  exports["setRequiresGrad"] = Napi::Function::New(env, setRequiresGrad);
  exports["gradientOf"] = Napi::Function::New(env, gradientOf);
  exports["clearGradient"] = Napi::Function::New(env, clearGradient);
}

}  // namespace torch_node
