// y = LeakyReLU((x − μ)/√(σ² + eps)·w + b), μ and σ² over [N, H, W] of each channel or the running ones.
//
// ATen's bfloat16 batch norm on CPU costs several times the convolution beside it. Here, for channels-last float32 and
// bfloat16 on CPU: two passes over memory forward (statistics, normalise), two backward, statistics in float32 blocks
// summed in float64. Every other device, dtype and layout takes `reference`, which is also what the tests compare with.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace torch_node {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = c10::optional<Tensor>;

Tensor reference(const Tensor& x, const Tensor& weight, const Tensor& bias, const OptionalTensor& runningMean,
                 const OptionalTensor& runningVar, bool batchStatistics, double momentum, double eps, double slope) {
  return at::leaky_relu(at::batch_norm(x, weight, bias, runningMean, runningVar, batchStatistics, momentum, eps, false), slope);
}

// ---- one row of memory: elements of `period` channels in a row, `period` a multiple of C ----
// What is written overlaps nothing that is read: without __restrict the longer loops run one element at a time.

#if defined(__GNUC__) && defined(__x86_64__)
#define KERNEL_INLINE inline __attribute__((always_inline))
#else
#define KERNEL_INLINE inline
#endif

struct BFloat16Bits {
  uint16_t bits;
};
KERNEL_INLINE float load(float x) { return x; }
KERNEL_INLINE float load(BFloat16Bits x) {
  uint32_t wide = static_cast<uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}
KERNEL_INLINE void store(float* to, float value) { *to = value; }
KERNEL_INLINE void store(BFloat16Bits* to, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;  // to nearest, ties to even
  to->bits = value == value ? rounded : 0x7fc0;
}

// sum += x − shift, squares += (x − shift)²
template <typename T>
KERNEL_INLINE void momentsBody(const T* x, const float* shift, float* __restrict sum, float* __restrict squares,
                               int64_t period) {
  for (int64_t i = 0; i < period; i++) {
    float d = load(x[i]) - shift[i];
    sum[i] += d;
    squares[i] += d * d;
  }
}
// y = LeakyReLU(x·scale + offset)
template <typename T>
KERNEL_INLINE void normaliseBody(const T* x, const float* scale, const float* offset, float slope, T* __restrict y,
                                 int64_t period) {
  for (int64_t i = 0; i < period; i++) {
    float z = load(x[i]) * scale[i] + offset[i];
    store(y + i, z > 0 ? z : z * slope);
  }
}
// g = dy·LeakyReLU'(z);  sum += g, products += g·(x − mean)
template <typename T>
KERNEL_INLINE void gradientSumsBody(const T* dy, const T* x, const float* scale, const float* offset, const float* mean,
                                    float slope, float* __restrict sum, float* __restrict products, int64_t period) {
  for (int64_t i = 0; i < period; i++) {
    float value = load(x[i]);
    float z = value * scale[i] + offset[i];
    float g = load(dy[i]);
    g = z > 0 ? g : g * slope;
    sum[i] += g;
    products[i] += g * (value - mean[i]);
  }
}
// dx = g·scale − constant − x·linear
template <typename T>
KERNEL_INLINE void inputGradientBody(const T* dy, const T* x, const float* scale, const float* offset,
                                     const float* constant, const float* linear, float slope, T* __restrict dx,
                                     int64_t period) {
  for (int64_t i = 0; i < period; i++) {
    float value = load(x[i]);
    float z = value * scale[i] + offset[i];
    float g = load(dy[i]);
    g = z > 0 ? g : g * slope;
    store(dx + i, g * scale[i] - constant[i] - value * linear[i]);
  }
}

template <typename T>
struct Loops {
  void (*moments)(const T*, const float*, float*, float*, int64_t);
  void (*normalise)(const T*, const float*, const float*, float, T*, int64_t);
  void (*gradientSums)(const T*, const T*, const float*, const float*, const float*, float, float*, float*, int64_t);
  void (*inputGradient)(const T*, const T*, const float*, const float*, const float*, const float*, float, T*, int64_t);
};

// The same four loops compiled for one instruction set.
#define LOOPS(name, target)                                                                                              \
  template <typename T>                                                                                                  \
  target void moments_##name(const T* x, const float* k, float* s, float* q, int64_t n) {                                \
    momentsBody(x, k, s, q, n);                                                                                          \
  }                                                                                                                      \
  template <typename T>                                                                                                  \
  target void normalise_##name(const T* x, const float* a, const float* b, float l, T* y, int64_t n) {                   \
    normaliseBody(x, a, b, l, y, n);                                                                                     \
  }                                                                                                                      \
  template <typename T>                                                                                                  \
  target void gradientSums_##name(const T* g, const T* x, const float* a, const float* b, const float* m, float l,       \
                                  float* s, float* q, int64_t n) {                                                       \
    gradientSumsBody(g, x, a, b, m, l, s, q, n);                                                                         \
  }                                                                                                                      \
  template <typename T>                                                                                                  \
  target void inputGradient_##name(const T* g, const T* x, const float* a, const float* b, const float* c,               \
                                   const float* d, float l, T* dx, int64_t n) {                                          \
    inputGradientBody(g, x, a, b, c, d, l, dx, n);                                                                       \
  }                                                                                                                      \
  template <typename T>                                                                                                  \
  constexpr Loops<T> loops_##name{moments_##name<T>, normalise_##name<T>, gradientSums_##name<T>, inputGradient_##name<T>};

LOOPS(portable, )
#if defined(__GNUC__) && defined(__x86_64__)
LOOPS(avx2, __attribute__((target("avx2,fma"))))
LOOPS(avx512, __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,prefer-vector-width=512"))))
#endif

template <typename T>
const Loops<T>& loops() {
#if defined(__GNUC__) && defined(__x86_64__)
  static const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx512) return loops_avx512<T>;
  if (avx2) return loops_avx2<T>;
#endif
  return loops_portable<T>;
}

// ---- the whole tensor, [R, C] in memory with R = N·H·W ----

constexpr int64_t kPeriod = 512;  // elements that one loop takes at least, so that few channels make long loops too
constexpr int64_t kBlock = 16;    // periods summed in float32 before they go to float64

struct Layout {
  int64_t channels, period, count;  // count: all elements
  explicit Layout(const Tensor& x)
      : channels(x.size(1)), period(channels * std::max<int64_t>(1, kPeriod / channels)), count(x.numel()) {}
  std::vector<float> tile(const std::vector<float>& perChannel) const {
    std::vector<float> tiled(period);
    for (int64_t i = 0; i < period; i++) tiled[i] = perChannel[i % channels];
    return tiled;
  }
  // body(begin, length) over equal shares of the threads; a share begins on a multiple of the period, so the sums are
  // the same for the same number of threads.
  template <typename Body>
  void share(int64_t shares, const Body& body) const {
    int64_t periods = (count + period - 1) / period;
    at::parallel_for(0, shares, 1, [&](int64_t first, int64_t last) {
      for (int64_t s = first; s < last; s++) {
        int64_t begin = periods * s / shares * period, end = std::min(count, periods * (s + 1) / shares * period);
        body(s, begin, end);
      }
    });
  }
};

// Per channel the float64 sums of two quantities that `accumulate(at, length, first, second)` adds up in float32.
template <typename Accumulate>
void channelSums(const Layout& layout, const Accumulate& accumulate, std::vector<double>& first, std::vector<double>& second) {
  int64_t shares = at::get_num_threads();
  int64_t c = layout.channels;
  std::vector<double> totals(shares * 2 * c, 0.0);
  layout.share(shares, [&](int64_t s, int64_t begin, int64_t end) {
    std::vector<float> a(layout.period), b(layout.period);
    double* total = totals.data() + s * 2 * c;
    for (int64_t block = begin; block < end; block += kBlock * layout.period) {
      std::fill(a.begin(), a.end(), 0.0f);
      std::fill(b.begin(), b.end(), 0.0f);
      int64_t stop = std::min(end, block + kBlock * layout.period);
      for (int64_t at = block; at < stop; at += layout.period)
        accumulate(at, std::min(layout.period, stop - at), a.data(), b.data());
      for (int64_t row = 0; row < layout.period; row += c)
        for (int64_t i = 0; i < c; i++) {
          total[i] += a[row + i];
          total[c + i] += b[row + i];
        }
    }
  });
  first.assign(c, 0.0);
  second.assign(c, 0.0);
  for (int64_t s = 0; s < shares; s++)
    for (int64_t i = 0; i < c; i++) {
      first[i] += totals[s * 2 * c + i];
      second[i] += totals[s * 2 * c + c + i];
    }
}

// What the backward pass needs beside x: per channel, all float32.
struct Normalisation {
  std::vector<float> mean, inverse, scale, offset;  // inverse = 1/√(σ² + eps)
};

template <typename T>
Tensor forwardFused(const Tensor& x, const Tensor& weight, const Tensor& bias, const OptionalTensor& runningMean,
                    const OptionalTensor& runningVar, bool batchStatistics, double momentum, double eps, double slope,
                    Normalisation& n) {
  Layout layout(x);
  const int64_t c = layout.channels;
  const T* in = static_cast<const T*>(x.data_ptr());
  n.mean.resize(c), n.inverse.resize(c), n.scale.resize(c), n.offset.resize(c);
  std::vector<double> mean(c), variance(c);
  if (batchStatistics) {
    const double rows = static_cast<double>(layout.count / c);
    std::vector<float> shift(c);  // sums of x − shift lose nothing where the mean is large beside the deviation
    for (int64_t i = 0; i < c; i++) shift[i] = load(in[i]);
    auto tiled = layout.tile(shift);
    std::vector<double> sum, squares;
    channelSums(layout, [&](int64_t at, int64_t length, float* a, float* b) {
      loops<T>().moments(in + at, tiled.data(), a, b, length);
    }, sum, squares);
    for (int64_t i = 0; i < c; i++) {
      double d = sum[i] / rows;
      mean[i] = shift[i] + d;
      n.mean[i] = static_cast<float>(mean[i]);
      variance[i] = std::max(0.0, squares[i] / rows - d * d);
      if (std::isnan(squares[i])) variance[i] = squares[i];
    }
    if (runningMean && runningMean->defined()) {
      auto options = runningMean->options();
      std::vector<float> unbiased(c);
      for (int64_t i = 0; i < c; i++) unbiased[i] = static_cast<float>(variance[i] * rows / (rows - 1));
      auto running = *runningMean;
      auto runningVariance = *runningVar;
      running.mul_(1 - momentum).add_(at::from_blob(n.mean.data(), {c}, options), momentum);
      runningVariance.mul_(1 - momentum).add_(at::from_blob(unbiased.data(), {c}, options), momentum);
    }
  } else {
    const float* tracked = runningMean->data_ptr<float>();
    const float* var = runningVar->data_ptr<float>();
    for (int64_t i = 0; i < c; i++) mean[i] = n.mean[i] = tracked[i], variance[i] = var[i];
  }
  const float* w = weight.data_ptr<float>();
  const float* b = bias.data_ptr<float>();
  for (int64_t i = 0; i < c; i++) {
    const double inverse = 1.0 / std::sqrt(variance[i] + eps);
    n.inverse[i] = static_cast<float>(inverse);
    n.scale[i] = static_cast<float>(w[i] * inverse);
    n.offset[i] = static_cast<float>(b[i] - mean[i] * n.scale[i]);
  }
  Tensor y = at::empty_like(x);
  T* out = static_cast<T*>(y.data_ptr());
  auto scale = layout.tile(n.scale), offset = layout.tile(n.offset);
  layout.share(at::get_num_threads(), [&](int64_t, int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at += layout.period)
      loops<T>().normalise(in + at, scale.data(), offset.data(), slope, out + at, std::min(layout.period, end - at));
  });
  return y;
}

template <typename T>
variable_list backwardFused(const Tensor& gradient, const Tensor& x, const Tensor& weight, bool batchStatistics,
                            double slope, const Normalisation& n, bool needInput, bool needParameters) {
  Layout layout(x);
  const int64_t c = layout.channels;
  const T* dy = static_cast<const T*>(gradient.data_ptr());
  const T* in = static_cast<const T*>(x.data_ptr());
  auto scale = layout.tile(n.scale), offset = layout.tile(n.offset), mean = layout.tile(n.mean);
  std::vector<double> sum(c, 0.0), products(c, 0.0);
  if (batchStatistics || needParameters)
    channelSums(layout, [&](int64_t at, int64_t length, float* a, float* b) {
      loops<T>().gradientSums(dy + at, in + at, scale.data(), offset.data(), mean.data(), slope, a, b, length);
    }, sum, products);
  variable_list result(3);
  if (needInput) {
    std::vector<float> constant(c, 0.0f), linear(c, 0.0f);
    if (batchStatistics) {
      const double rows = static_cast<double>(layout.count / c);
      for (int64_t i = 0; i < c; i++) {
        double slopeOfX = n.scale[i] * static_cast<double>(n.inverse[i]) * n.inverse[i] * products[i] / rows;
        linear[i] = static_cast<float>(slopeOfX);
        constant[i] = static_cast<float>(n.scale[i] * sum[i] / rows - slopeOfX * n.mean[i]);
      }
    }
    auto constants = layout.tile(constant), linears = layout.tile(linear);
    result[0] = at::empty_like(x);
    T* dx = static_cast<T*>(result[0].data_ptr());
    layout.share(at::get_num_threads(), [&](int64_t, int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end; at += layout.period)
        loops<T>().inputGradient(dy + at, in + at, scale.data(), offset.data(), constants.data(), linears.data(), slope,
                                 dx + at, std::min(layout.period, end - at));
    });
  }
  if (needParameters) {
    result[1] = at::empty_like(weight);
    result[2] = at::empty_like(weight);
    for (int64_t i = 0; i < c; i++) {
      result[1].data_ptr<float>()[i] = static_cast<float>(products[i] * n.inverse[i]);
      result[2].data_ptr<float>()[i] = static_cast<float>(sum[i]);
    }
  }
  return result;
}

Tensor fromVector(const std::vector<float>& values) {
  Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}
std::vector<float> toVector(const Tensor& tensor) {
  return {tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel()};
}

struct BatchNormLeakyRelu : torch::autograd::Function<BatchNormLeakyRelu> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const OptionalTensor& runningMean, const OptionalTensor& runningVar, bool batchStatistics,
                        double momentum, double eps, double slope) {
    at::NoGradGuard guard;
    Normalisation n;
    auto mean = runningMean, variance = runningVar;
    if (!batchStatistics) mean = runningMean->clone(), variance = runningVar->clone();
    Tensor y = x.scalar_type() == at::kFloat
                   ? forwardFused<float>(x, weight, bias, mean, variance, batchStatistics, momentum, eps, slope, n)
                   : forwardFused<BFloat16Bits>(x, weight, bias, mean, variance, batchStatistics, momentum, eps, slope, n);
    context->save_for_backward({x, weight, bias});
    context->saved_data["statistics"] = std::vector<Tensor>{fromVector(n.mean), fromVector(n.inverse), fromVector(n.scale), fromVector(n.offset)};
    context->saved_data["running"] = batchStatistics ? std::vector<Tensor>{} : std::vector<Tensor>{*mean, *variance};
    context->saved_data["parameters"] = weight.requires_grad() || bias.requires_grad();
    context->saved_data["settings"] = std::vector<double>{eps, slope};
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &bias = saved[2];
    auto running = context->saved_data["running"].toTensorVector();
    auto settings = context->saved_data["settings"].toDoubleVector();
    bool parameters = context->saved_data["parameters"].toBool(), batchStatistics = running.empty();
    variable_list result(9);
    if (c10::GradMode::is_enabled()) {  // createGraph: the gradient itself must be differentiable
      OptionalTensor mean, variance;
      if (!batchStatistics) mean = running[0], variance = running[1];
      Tensor y = reference(x, weight, bias, mean, variance, batchStatistics, 0.0, settings[0], settings[1]);
      std::vector<size_t> wanted;
      variable_list inputs;
      for (size_t i = 0; i < 3; i++)
        if (saved[i].requires_grad()) wanted.push_back(i), inputs.push_back(saved[i]);
      auto found = torch::autograd::grad({y}, inputs, {gradients[0]}, true, true, true);
      for (size_t i = 0; i < wanted.size(); i++) result[wanted[i]] = found[i];
      return result;
    }
    auto statistics = context->saved_data["statistics"].toTensorVector();
    Normalisation n{toVector(statistics[0]), toVector(statistics[1]), toVector(statistics[2]), toVector(statistics[3])};
    auto dy = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    auto fused = x.scalar_type() == at::kFloat ? backwardFused<float> : backwardFused<BFloat16Bits>;
    auto found = fused(dy, x, weight, batchStatistics, settings[1], n, x.requires_grad(), parameters);
    std::copy(found.begin(), found.end(), result.begin());
    return result;
  }
};

Tensor batchNormLeakyRelu(const Tensor& x, const Tensor& weight, const Tensor& bias, const OptionalTensor& runningMean,
                          const OptionalTensor& runningVar, bool batchStatistics, double momentum, double eps, double slope) {
  TORCH_CHECK(x.dim() == 4, "expected an input [N, C, H, W], received ", x.dim(), " dimensions");
  const int64_t channels = x.size(1);
  bool hasRunning = runningMean && runningMean->defined() && runningVar && runningVar->defined();
  TORCH_CHECK(batchStatistics || hasRunning, "running statistics are asked for, but none are given");
  bool plain = true;  // float32 on the CPU, one element a channel
  for (const Tensor* t : {&weight, &bias, hasRunning ? &*runningMean : &weight, hasRunning ? &*runningVar : &weight}) {
    TORCH_CHECK(t->dim() == 1 && t->size(0) == channels, "expected one element for each of ", channels, " channels, received ", t->sizes());
    plain = plain && t->is_cpu() && t->scalar_type() == at::kFloat && t->is_contiguous();
  }
  bool fused = plain && x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
               x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.numel() > 2 * channels;
  if (!fused) return reference(x, weight, bias, runningMean, runningVar, batchStatistics, momentum, eps, slope);
  OptionalTensor mean, variance;
  if (hasRunning) mean = runningMean, variance = runningVar;
  return BatchNormLeakyRelu::apply(x, weight, bias, mean, variance, batchStatistics, momentum, eps, slope);
}

}  // namespace

TORCH_LIBRARY(robust_jem, library) {
  library.def(
      "batch_norm_leaky_relu(Tensor input, Tensor weight, Tensor bias, Tensor? running_mean, Tensor? running_var, "
      "bool batch_statistics, float momentum, float eps, float negative_slope) -> Tensor",
      &batchNormLeakyRelu);
}

}  // namespace torch_node
