// Generators: one object per stream of random numbers, its state savable.
#include "torch_node.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <cstring>
#include <mutex>

namespace torch_node {

GeneratorBox* generatorBox(const Napi::Value& value) {
  if (!value.IsExternal()) return nullptr;
  auto* box = value.As<Napi::External<GeneratorBox>>().Data();
  return box && box->magic == GeneratorBox::kMagic ? box : nullptr;
}

static at::Generator& generatorOf(const Napi::Value& value) {
  auto* box = generatorBox(value);
  if (!box) throw Napi::TypeError::New(value.Env(), "Expected a generator");
  return box->generator;
}

// generator(seed, device)
static Napi::Value newGenerator(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "Generator", [&]() -> Napi::Value {
    bool lossless = false;
    uint64_t seed = info[0].As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless) throw Napi::RangeError::New(env, "Generator: expected a seed between 0 and 2^64 - 1");
    at::Device device = toDevice(env, info[1].As<Napi::String>().Utf8Value());
    // A clone of a device's default generator is a new stream on that device, without a header of CUDA's own.
    at::Generator generator = device.is_cpu() ? at::detail::createCPUGenerator(seed)
                                              : at::globalContext().defaultGenerator(device).clone();
    generator.set_current_seed(seed);
    auto* box = new GeneratorBox{GeneratorBox::kMagic, generator};
    return Napi::External<GeneratorBox>::New(env, box, [](Napi::Env, GeneratorBox* box) { delete box; });
  });
}

static Napi::Value generatorState(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "Generator.state", [&]() -> Napi::Value {
    auto& generator = generatorOf(info[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    at::Tensor state = generator.get_state();
    auto bytes = Napi::Uint8Array::New(env, state.numel());
    std::memcpy(bytes.Data(), state.data_ptr(), state.numel());
    return bytes;
  });
}

// The CPU's state begins: uint64 seed, int32 left, int32 seeded, uint64 next, the 624 words. libtorch checks left and next
// one by one, but reads `left` words from `next` on: together they must stay inside.
static void checkMersenneTwister(Napi::Env env, const Napi::Uint8Array& bytes, const at::Generator& generator) {
  if (!generator.device().is_cpu() || bytes.ByteLength() < 24) return;  // libtorch refuses another length itself
  int32_t left = 0;
  uint64_t next = 0;
  std::memcpy(&left, bytes.Data() + 8, sizeof left);
  std::memcpy(&next, bytes.Data() + 16, sizeof next);
  if (left < 1 || left > 624 || next > 624 || left + static_cast<int64_t>(next) > 625)
    throw Napi::RangeError::New(env, "Generator.setState: the bytes are no state of a generator");
}

static void setGeneratorState(const Napi::CallbackInfo& info) {
  translated(info.Env(), "Generator.setState", [&] {
    auto& generator = generatorOf(info[0]);
    auto env = info.Env();
    if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
      throw Napi::TypeError::New(env, "Generator.setState: expected a Uint8Array, received " + received(info[1]));
    auto bytes = info[1].As<Napi::Uint8Array>();
    checkMersenneTwister(env, bytes, generator);
    at::Tensor state = at::empty({static_cast<int64_t>(bytes.ByteLength())}, at::kByte);
    std::memcpy(state.data_ptr(), bytes.Data(), bytes.ByteLength());
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
  });
}

void exportRandom(Napi::Env env, Napi::Object exports) {
  exports["generator"] = Napi::Function::New(env, newGenerator);
  exports["generatorState"] = Napi::Function::New(env, generatorState);
  exports["setGeneratorState"] = Napi::Function::New(env, setGeneratorState);
}

}  // namespace torch_node
