// The tensor handle: data in, data out, what it is, and its end.
#include "torch_node.h"

#include <atomic>
#include <cstring>
#include <memory>

namespace torch_node {

static std::atomic<int64_t> live{0};
int64_t liveTensors() { return live.load(); }

static void release(Napi::Env env, TensorBox* box) {
  if (!box->tensor.defined()) return;
  box->tensor.reset();
  live--;
  if (box->reported) Napi::MemoryManagement::AdjustExternalMemory(env, -box->reported);
  box->reported = 0;
}

Napi::Value wrap(Napi::Env env, at::Tensor tensor) {
  if (!tensor.defined()) return env.Null();
  auto box = std::make_unique<TensorBox>();
  // A view's storage was reported by its owner.
  if (tensor.has_storage() && tensor.storage().use_count() == 1) box->reported = tensor.storage().nbytes();
  if (box->reported) Napi::MemoryManagement::AdjustExternalMemory(env, box->reported);
  box->tensor = std::move(tensor);
  auto handle = Napi::External<TensorBox>::New(env, box.get(), [](Napi::Env env, TensorBox* box) {
    release(env, box);
    delete box;
  });
  box.release();  // a worker that is being stopped gets no handle, and then nobody would free it
  live++;
  return handle;
}

TensorBox* tensorBox(const Napi::Value& value) {
  if (!value.IsExternal()) return nullptr;
  auto* box = value.As<Napi::External<TensorBox>>().Data();
  return box && box->magic == TensorBox::kMagic ? box : nullptr;
}

const at::Tensor& unwrap(const Napi::Value& value) {
  auto* box = tensorBox(value);
  if (!box) throw Napi::TypeError::New(value.Env(), "Expected a tensor");
  if (!box->tensor.defined())
    throw Napi::Error::New(value.Env(), "The tensor was disposed: keep it out of the scope that freed it, or clone it");
  return box->tensor;
}

// How many elements a shape has; refuses what no memory holds, and products that overflow.
static int64_t elementsOf(Napi::Env env, const std::string& what, const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (auto size : shape) {
    if (size < 0) throw Napi::RangeError::New(env, what + ": negative size in shape " + shapeString(shape));
    if (size && count > INT64_C(9007199254740991) / size)
      throw Napi::RangeError::New(env, what + ": shape " + shapeString(shape) + " is too large");
    count *= size;
  }
  return count;
}

static at::ScalarType toDtype(Napi::Env env, const std::string& what, const Napi::Value& value) {
  auto dtype = value.IsString() ? dtypeNamed(value.As<Napi::String>().Utf8Value()) : std::nullopt;
  if (!dtype) throw Napi::TypeError::New(env, what + ": expected a dtype such as 'float32', received " + received(value));
  return *dtype;
}

struct TypedArray {
  napi_typedarray_type type;
  size_t length;
  const void* data;
};
// The elements of a typed array, of a SharedArrayBuffer too.
static TypedArray toTypedArray(const std::string& what, const Napi::Value& value) {
  Napi::Env env = value.Env();
  if (!value.IsTypedArray()) throw Napi::TypeError::New(env, what + ": expected a typed array, received " + received(value));
  TypedArray array{};
  void* data = nullptr;
  napi_value buffer = nullptr;
  bool detached = false;
  if (napi_get_typedarray_info(env, value, &array.type, &array.length, &data, &buffer, nullptr) != napi_ok ||
      napi_is_detached_arraybuffer(env, buffer, &detached) != napi_ok)
    throw Napi::Error::New(env, what + ": the typed array cannot be read");
  if (detached) throw Napi::TypeError::New(env, what + ": the typed array's buffer was transferred away (detached)");
  array.data = data;
  return array;
}

static at::ScalarType elementType(napi_typedarray_type type) {
  switch (type) {
    case napi_float64_array: return at::kDouble;
    case napi_float32_array: return at::kFloat;
    case napi_int32_array: return at::kInt;
    case napi_bigint64_array: return at::kLong;
    case napi_int16_array: return at::kShort;
    case napi_int8_array: return at::kChar;
    case napi_uint8_array:
    case napi_uint8_clamped_array: return at::kByte;
    default: return at::ScalarType::Undefined;
  }
}

// fromData(typedArray, shape, dtype): a CPU tensor that owns a copy. The elements convert as `to` does.
static Napi::Value fromData(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "tensor", [&]() -> Napi::Value {
    // The shape first: reading it may run the caller's code, which may take the data's buffer away.
    auto shape = toIntegers(info[1], "tensor: shape");
    auto array = toTypedArray("tensor", info[0]);
    auto source = elementType(array.type);
    if (source == at::ScalarType::Undefined)
      throw Napi::TypeError::New(env, "tensor: this kind of typed array has no dtype; use Float32Array, Float64Array, "
                                      "BigInt64Array, Int32Array, Int16Array, Int8Array or Uint8Array");
    int64_t count = elementsOf(env, "tensor", shape);
    if (count != static_cast<int64_t>(array.length))
      throw Napi::RangeError::New(env, "tensor: shape " + shapeString(shape) + " has " + std::to_string(count) +
                                           " elements, the data have " + std::to_string(array.length));
    auto dtype = toDtype(env, "tensor", info[2]);
    at::NoGradGuard guard;
    at::Tensor tensor = at::empty(shape, at::TensorOptions(source));
    if (count) std::memcpy(tensor.data_ptr(), array.data, tensor.nbytes());
    return wrap(env, tensor.to(dtype));
  });
}

// fromBytes(bytes, shape, dtype): the raw little-endian bytes of a file, any dtype.
static Napi::Value fromBytes(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "fromBytes", [&]() -> Napi::Value {
    auto shape = toIntegers(info[1], "fromBytes: shape");
    auto bytes = toTypedArray("fromBytes", info[0]);
    if (bytes.type != napi_uint8_array) throw Napi::TypeError::New(env, "fromBytes: expected a Uint8Array");
    int64_t count = elementsOf(env, "fromBytes", shape);
    auto dtype = toDtype(env, "fromBytes", info[2]);
    size_t size = c10::elementSize(dtype);
    if (bytes.length % size || bytes.length / size != static_cast<size_t>(count))
      throw Napi::RangeError::New(env, std::string("fromBytes: ") + dtypeName(dtype) + " " + shapeString(shape) + " takes " +
                                           std::to_string(count) + " elements of " + std::to_string(size) + " bytes, received " +
                                           std::to_string(bytes.length) + " bytes");
    at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype == at::kBool ? at::kByte : dtype));
    if (count) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
    // libtorch counts on bools being 0 or 1; a file's may be anything.
    return wrap(env, dtype == at::kBool ? tensor.ne(0) : tensor);
  });
}

// V8 ends the process where a buffer's memory cannot be had, so sizes that it never grants are refused first.
static Napi::ArrayBuffer bufferOf(Napi::Env env, const char* what, const at::Tensor& tensor) {
  if (tensor.nbytes() > UINT32_MAX)
    throw Napi::RangeError::New(env, std::string(what) + ": " + describe(tensor) + " takes more than 4 GiB; take it in parts");
  auto host = tensor.detach().to(at::kCPU).contiguous();
  auto buffer = Napi::ArrayBuffer::New(env, host.nbytes());
  if (host.nbytes()) std::memcpy(buffer.Data(), host.data_ptr(), host.nbytes());
  return buffer;
}

// toBytes(handle): the elements' raw little-endian bytes in C order.
static Napi::Value toBytes(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "toBytes", [&]() -> Napi::Value {
    return bufferOf(env, "toBytes", unwrap(info[0]));
  });
}

// toData(handle): a typed array of the elements in C order; half precisions widen to float32.
static Napi::Value toData(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "toTypedArray", [&]() -> Napi::Value {
    at::Tensor tensor = unwrap(info[0]).detach();
    if (tensor.scalar_type() == at::kBFloat16 || tensor.scalar_type() == at::kHalf) tensor = tensor.to(at::kFloat);
    size_t n = tensor.numel();
    auto buffer = bufferOf(env, "toTypedArray", tensor);
    switch (tensor.scalar_type()) {
      case at::kDouble: return Napi::Float64Array::New(env, n, buffer, 0);
      case at::kFloat: return Napi::Float32Array::New(env, n, buffer, 0);
      case at::kLong: return Napi::BigInt64Array::New(env, n, buffer, 0);
      case at::kInt: return Napi::Int32Array::New(env, n, buffer, 0);
      case at::kShort: return Napi::Int16Array::New(env, n, buffer, 0);
      case at::kChar: return Napi::Int8Array::New(env, n, buffer, 0);
      case at::kByte:
      case at::kBool: return Napi::Uint8Array::New(env, n, buffer, 0);
      default:
        throw Napi::TypeError::New(env, "toTypedArray: no typed array holds " + describe(tensor) + "; convert it first");
    }
  });
}

static Napi::Value shapeOf(const Napi::CallbackInfo& info) {
  const auto& tensor = unwrap(info[0]);
  auto shape = Napi::Array::New(info.Env(), tensor.dim());
  for (uint32_t i = 0; i < tensor.dim(); i++) shape[i] = Napi::Number::New(info.Env(), tensor.size(i));
  return shape;
}

static Napi::Value dtypeOf(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), dtypeName(unwrap(info[0]).scalar_type()));
}

static Napi::Value deviceOf(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), unwrap(info[0]).device().str());
}

static Napi::Value itemOf(const Napi::CallbackInfo& info) {
  auto env = info.Env();
  return translated(env, "item", [&]() -> Napi::Value {
    const auto& tensor = unwrap(info[0]);
    if (tensor.numel() != 1)
      throw Napi::RangeError::New(env, "item: expected one element, received " + describe(tensor));
    return Napi::Number::New(env, tensor.item().toDouble());
  });
}

static Napi::Value isDisposed(const Napi::CallbackInfo& info) {
  auto* box = tensorBox(info[0]);
  return Napi::Boolean::New(info.Env(), !box || !box->tensor.defined());
}

static Napi::Value isChannelsLast(const Napi::CallbackInfo& info) {
  const auto& t = unwrap(info[0]);
  return Napi::Boolean::New(info.Env(), t.dim() == 4 && t.is_contiguous(at::MemoryFormat::ChannelsLast));
}

static void dispose(const Napi::CallbackInfo& info) {
  if (auto* box = tensorBox(info[0])) release(info.Env(), box);
}

void exportTensor(Napi::Env env, Napi::Object exports) {
  exports["fromData"] = Napi::Function::New(env, fromData);
  exports["fromBytes"] = Napi::Function::New(env, fromBytes);
  exports["toData"] = Napi::Function::New(env, toData);
  exports["toBytes"] = Napi::Function::New(env, toBytes);
  exports["shapeOf"] = Napi::Function::New(env, shapeOf);
  exports["dtypeOf"] = Napi::Function::New(env, dtypeOf);
  exports["deviceOf"] = Napi::Function::New(env, deviceOf);
  exports["itemOf"] = Napi::Function::New(env, itemOf);
  exports["isDisposed"] = Napi::Function::New(env, isDisposed);
  exports["isChannelsLast"] = Napi::Function::New(env, isChannelsLast);
  exports["dispose"] = Napi::Function::New(env, dispose);
}

}  // namespace torch_node
