// Memory counters, threads, devices and versions.
#include "torch_node.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/alignment.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace torch_node {

static std::atomic<int64_t> bytes{0};
static std::atomic<int64_t> peak{0};
int64_t allocatedBytes() { return bytes.load(); }
int64_t peakAllocatedBytes() { return peak.load(); }

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
#define TORCH_NODE_ALLOCATE_CONST
#else
#define TORCH_NODE_ALLOCATE_CONST const
#endif

// libtorch's CPU allocator with a counter, so that `memory()` sees everything: saved activations and views included.
struct CountingAllocator final : c10::Allocator {
  static void free(void* data) {
    if (!data) return;
    char* block = static_cast<char*>(data) - c10::gAlignment;
    bytes -= *reinterpret_cast<size_t*>(block);
    c10::free_cpu(block);
  }
  c10::DataPtr allocate(size_t size) TORCH_NODE_ALLOCATE_CONST override {
    if (size == 0) return {nullptr, nullptr, &free, at::Device(at::kCPU)};
    // The size stands in front of the data, one step of alignment before it.
    char* block = static_cast<char*>(c10::alloc_cpu(std::max(size, size + c10::gAlignment)));  // an overflow is refused there
    *reinterpret_cast<size_t*>(block) = size;
    int64_t now = bytes += size;
    int64_t before = peak.load();
    while (now > before && !peak.compare_exchange_weak(before, now)) {
    }
    void* data = block + c10::gAlignment;
    return {data, data, &free, at::Device(at::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free; }
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  void copy_data(void* to, const void* from, std::size_t count) const final { default_copy_data(to, from, count); }
#endif
};

void installCountingAllocator() {
  static std::once_flag once;
  std::call_once(once, [] {
    static CountingAllocator allocator;
    c10::SetCPUAllocator(&allocator, /*priority=*/1);
#ifdef __GLIBC__
    // Activations are freed and asked for again at the same sizes every step: keep their pages instead of returning
    // them to the kernel, which would zero them anew each time.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that glibc accepts
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  });
}

static Napi::Value memory(const Napi::CallbackInfo& info) {
  auto result = Napi::Object::New(info.Env());
  result["tensors"] = Napi::Number::New(info.Env(), liveTensors());
  result["bytes"] = Napi::Number::New(info.Env(), allocatedBytes());
  result["peakBytes"] = Napi::Number::New(info.Env(), peakAllocatedBytes());
  return result;
}

static void resetPeak(const Napi::CallbackInfo&) { peak = bytes.load(); }

static Napi::Value getThreads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), at::get_num_threads());
}

static void setThreads(const Napi::CallbackInfo& info) {
  int64_t count = toInteger(info[0], "setThreads");
  if (count < 1 || count > 4096) throw Napi::RangeError::New(info.Env(), "setThreads: expected 1 to 4096 threads");
  translated(info.Env(), "setThreads", [&] {
    at::get_num_threads();  // else this thread's first operator would take what another thread has set since
    at::set_num_threads(static_cast<int>(count));
  });
}

static Napi::Value versions(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  auto result = Napi::Object::New(env);
  result["libtorch"] = Napi::String::New(env, TORCH_VERSION);
  result["origin"] = Napi::String::New(env, LIBTORCH_ORIGIN);
  result["path"] = Napi::String::New(env, LIBTORCH_PATH);
  return result;
}

static Napi::Value cudaDevices(const Napi::CallbackInfo& info) {
  return translated(info.Env(), "cuda", [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0);
  });
}

static void synchronize(const Napi::CallbackInfo& info) {
  int64_t index = toInteger(info[0], "synchronize");
  translated(info.Env(), "synchronize", [&] { at::detail::getCUDAHooks().deviceSynchronize(index); });
}

static void setTf32(const Napi::CallbackInfo& info) {
  bool allowed = info[0].ToBoolean();
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}

static Napi::Value usesOneDnn(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), at::globalContext().userEnabledMkldnn());
}

static void setOneDnn(const Napi::CallbackInfo& info) {
  at::globalContext().setUserEnabledMkldnn(info[0].ToBoolean());
}

static void setDeterministic(const Napi::CallbackInfo& info) {
  bool deterministic = info[0].ToBoolean();
  at::globalContext().setDeterministicCuDNN(deterministic);
  at::globalContext().setBenchmarkCuDNN(!deterministic);
}

void exportMemory(Napi::Env env, Napi::Object exports) {
  exports["memory"] = Napi::Function::New(env, memory);
  exports["resetPeak"] = Napi::Function::New(env, resetPeak);
  exports["getThreads"] = Napi::Function::New(env, getThreads);
  exports["setThreads"] = Napi::Function::New(env, setThreads);
  exports["versions"] = Napi::Function::New(env, versions);
  exports["cudaDevices"] = Napi::Function::New(env, cudaDevices);
  exports["synchronize"] = Napi::Function::New(env, synchronize);
  exports["setTf32"] = Napi::Function::New(env, setTf32);
  exports["usesOneDnn"] = Napi::Function::New(env, usesOneDnn);
  exports["setOneDnn"] = Napi::Function::New(env, setOneDnn);
  exports["setDeterministic"] = Napi::Function::New(env, setDeterministic);
}

}  // namespace torch_node
