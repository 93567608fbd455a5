// Internal to custom/: the formats that are more than an expression.
#pragma once

#include <cstdint>
#include <string_view>

namespace kthena::apiserver {

/// Of the parts of IPv4 addresses: Go once took "010.1.1.1".
enum class LeadingZeros : std::uint8_t { Refused, Allowed };

/// Of either family; no zone.
bool is_ip_address(std::string_view text, LeadingZeros zeros);

/// "10.0.0.0/8"; leading zeros are allowed.
bool is_cidr(std::string_view text);

/// As Go's url.ParseRequestURI: an absolute URI or an absolute path.
bool is_request_uri(std::string_view text);

/// As Go's mail.ParseAddress, without comments and folding: "ann@example.com", "Ann <ann@ex.org>".
bool is_mail_address(std::string_view text);

}  // namespace kthena::apiserver
