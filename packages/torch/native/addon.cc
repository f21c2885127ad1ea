// The export list: what JavaScript sees is what stands in src/binding.ts.
#include "torch_node.h"

static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  torch_node::installCountingAllocator();
  torch_node::collectWarnings();
  torch_node::exportDispatch(env, exports);  // findOperator, call, operators
  torch_node::exportTensor(env, exports);    // fromData, toData, describe, dispose
  torch_node::exportAutograd(env, exports);  // grad, backward, setGradEnabled, requiresGrad, gradientOf
  torch_node::exportRandom(env, exports);    // generator, generatorState, setGeneratorState
  torch_node::exportMemory(env, exports);    // memory, threads, devices, versions
  return exports;
}

NODE_API_MODULE(torch_node, initialise)
