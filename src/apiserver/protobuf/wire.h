// The wire format of protobuf: numbered fields, one after the other. Source: protobuf.dev,
// "Encoding"; the words of errors are those of Go's decoders.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace kthena::apiserver {

enum class WireType : std::uint8_t {
  Varint = 0,
  Fixed64 = 1,
  Length = 2,
  GroupStart = 3,
  GroupEnd = 4,
  Fixed32 = 5,
};

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::Varint;
  std::uint64_t scalar = 0;  ///< of Varint, Fixed64 and Fixed32
  std::string_view bytes;    ///< of Length
};

/// Reads the fields of a message that outlives it.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  /// The next field, nothing at the end. Groups, which Kubernetes does not use, are skipped.
  /// Errors: InvalidArgument, after which nothing more can be read.
  Result<std::optional<WireField>> next();

  /// A number without a field: packed lists consist of them.
  Result<std::uint64_t> next_varint();

  bool at_end() const noexcept { return rest_.empty(); }

 private:
  Result<WireField> next_raw();
  Result<std::string_view> take(std::uint64_t size);

  std::string_view rest_;
};

}  // namespace kthena::apiserver
