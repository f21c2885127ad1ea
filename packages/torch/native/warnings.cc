// libtorch's warnings become Node's (`process.on('warning')`, `--no-warnings`), each text once a thread.
#include "torch_node.h"

#include <c10/util/Exception.h>
#include <torch/version.h>

#include <set>

namespace torch_node {
namespace {

struct Warnings final : c10::WarningHandler {
  std::set<std::string> seen;
  std::vector<std::string> pending;
  void take(const std::string& message) {
    if (seen.insert(message).second) pending.push_back(plainMessage(message));
  }
#if TORCH_VERSION_MAJOR >= 2
  void process(const c10::Warning& warning) override { take(warning.msg()); }
#else
  void process(const c10::SourceLocation&, const std::string& message, const bool) override { take(message); }
#endif
};
thread_local Warnings warnings;

}  // namespace

void collectWarnings() {
#if TORCH_VERSION_MAJOR >= 2
  c10::WarningUtils::set_warning_handler(&warnings);
#else
  c10::Warning::set_warning_handler(&warnings);
#endif
}

void emitWarnings(Napi::Env env) {
  if (warnings.pending.empty()) return;
  auto messages = std::move(warnings.pending);
  warnings.pending.clear();
  auto process = env.Global().Get("process").As<Napi::Object>();
  auto emit = process.Get("emitWarning").As<Napi::Function>();
  for (const auto& message : messages)
    emit.Call(process, {Napi::String::New(env, message), Napi::String::New(env, "LibtorchWarning")});
}

}  // namespace torch_node
