// The formats of strings that the API server checks in custom resources.
#pragma once

#include <cstdint>
#include <string_view>

namespace kthena::apiserver {

enum class StringFormat : std::uint8_t {
  None,
  BsonObjectId,
  Uri,
  Email,
  Hostname,
  Ipv4,
  Ipv6,
  Cidr,
  Mac,
  Uuid,
  Uuid3,
  Uuid4,
  Uuid5,
  Isbn,
  Isbn10,
  Isbn13,
  CreditCard,
  Ssn,
  HexColor,
  RgbColor,
  Byte,
  Password,
  Date,
  Duration,
  DateTime,
};

/// By its name, with or without dashes ("date-time", "datetime"); None for all that Kubernetes 1.34
/// does not check: "int32", "regex", ….
StringFormat find_format(std::string_view name);

/// Whether the text is of that format, as kube-openapi's strfmt judges it.
bool has_format(StringFormat format, std::string_view text);

}  // namespace kthena::apiserver
