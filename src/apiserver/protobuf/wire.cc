#include "apiserver/protobuf/wire.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {

namespace {

std::unexpected<Error> ends_too_soon() {
  return fail(ErrorCode::InvalidArgument, "unexpected EOF");
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

}  // namespace

Result<std::uint64_t> WireReader::next_varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    if (i == 10) {
      return fail(ErrorCode::InvalidArgument, "proto: integer overflow");
    }
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  return ends_too_soon();
}

Result<std::string_view> WireReader::take(std::uint64_t size) {
  if (size > std::numeric_limits<std::int64_t>::max()) {
    return fail(ErrorCode::InvalidArgument, "proto: negative length found during unmarshaling");
  }
  if (size > rest_.size()) {
    return ends_too_soon();
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

Result<WireField> WireReader::next_raw() {
  const std::uint64_t tag = TRY(next_varint());
  const auto number = static_cast<std::int32_t>(tag >> 3U);
  const auto type = static_cast<std::uint8_t>(tag & 7U);
  if (number <= 0) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("proto: illegal tag {} (wire type {})", number, type));
  }
  WireField field{.number = static_cast<std::uint32_t>(number),
                  .type = static_cast<WireType>(type),
                  .scalar = 0,
                  .bytes = {}};
  switch (field.type) {
    case WireType::Varint:
      field.scalar = TRY(next_varint());
      return field;
    case WireType::Fixed64:
      field.scalar = little_endian(TRY(take(8)));
      return field;
    case WireType::Fixed32:
      field.scalar = little_endian(TRY(take(4)));
      return field;
    case WireType::Length:
      field.bytes = TRY(take(TRY(next_varint())));
      return field;
    case WireType::GroupStart:
    case WireType::GroupEnd:
      return field;
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("proto: illegal wireType {}", type));
}

Result<std::optional<WireField>> WireReader::next() {
  std::size_t open_groups = 0;
  while (!rest_.empty()) {
    const WireField field = TRY(next_raw());
    if (field.type == WireType::GroupStart) {
      ++open_groups;
    } else if (field.type == WireType::GroupEnd) {
      if (open_groups == 0) {
        return fail(ErrorCode::InvalidArgument, "proto: wiretype end group for non-group");
      }
      --open_groups;
    } else if (open_groups == 0) {
      return field;
    }
  }
  if (open_groups != 0) {
    return ends_too_soon();
  }
  return std::nullopt;
}

}  // namespace kthena::apiserver
