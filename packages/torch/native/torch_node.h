// What the files of the native side share: handles, their checks, and the translation of exceptions.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>
#include <napi.h>

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace torch_node {

// A JavaScript handle owns one reference to a tensor. `dispose` empties it; the finaliser is the safety net.
struct TensorBox {
  static constexpr uint64_t kMagic = 0x7e4507b0c5a11e5ull;
  uint64_t magic = kMagic;
  at::Tensor tensor;
  int64_t reported = 0;  // bytes told to V8
};

struct GeneratorBox {
  static constexpr uint64_t kMagic = 0x6e4e4a704b0c5a1ull;
  uint64_t magic = kMagic;
  at::Generator generator;
};

Napi::Value wrap(Napi::Env env, at::Tensor tensor);
const at::Tensor& unwrap(const Napi::Value& value);  // throws on a disposed or foreign handle
TensorBox* tensorBox(const Napi::Value& value);      // null where the value is no tensor handle
GeneratorBox* generatorBox(const Napi::Value& value);

std::string describe(const at::Tensor& tensor);  // "float32 [2, 3, 32, 32]"
const char* dtypeName(at::ScalarType type);
std::optional<at::ScalarType> dtypeNamed(const std::string& name);

std::string received(const Napi::Value& value);  // "a list", "the number 1.5", for an error's message
std::string plainMessage(std::string libtorchs);  // one line, in this package's own terms
int64_t toInteger(const Napi::Value& value, const std::string& what = "");
std::vector<int64_t> toIntegers(const Napi::Value& value, const std::string& what);
at::Device toDevice(Napi::Env env, const std::string& name);  // throws where this machine lacks it
std::string camelCase(const std::string& name);  // arguments have PyTorch's names in camelCase
std::string shapeString(at::IntArrayRef shape);

// convert.cc
c10::IValue toArgument(const Napi::Value& value, const c10::Argument& argument);
Napi::Value fromIValue(Napi::Env env, const c10::IValue& value);

// Refuses, by throwing, what libtorch would not survive. Null where it checks enough by itself.
using Guard = void (*)(const std::vector<c10::IValue>& arguments);
Guard guardOf(const std::string& operatorName);

void collectWarnings();  // of this thread, until the next emitWarnings
void emitWarnings(Napi::Env env);

int64_t allocatedBytes();
int64_t peakAllocatedBytes();
int64_t liveTensors();
void installCountingAllocator();

// Runs `body` and turns every C++ exception into a JavaScript Error with a one-line message.
template <typename Body>
auto translated(Napi::Env env, const std::string& what, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::Error& error) {
    throw Napi::Error::New(env, what + ": " + plainMessage(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, what + ": " + plainMessage(error.what()));
  } catch (...) {
    throw Napi::Error::New(env, what + ": unknown native failure");
  }
}

void exportDispatch(Napi::Env env, Napi::Object exports);
void exportTensor(Napi::Env env, Napi::Object exports);
void exportAutograd(Napi::Env env, Napi::Object exports);
void exportRandom(Napi::Env env, Napi::Object exports);
void exportMemory(Napi::Env env, Napi::Object exports);

}  // namespace torch_node
