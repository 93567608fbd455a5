// What header fields mean: lists, hop-by-hop fields, media types, dates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/headers.h"

namespace kthena::http {

/// The next element of a comma-separated list, without blanks around it; empty elements are
/// skipped. Nullopt at the end. Commas in quoted strings part elements too: for lists of tokens.
std::optional<std::string_view> next_list_element(std::string_view& list) noexcept;

/// Whether a comma-separated list has `token`, whatever its case.
bool list_has_token(std::string_view list, std::string_view token) noexcept;

/// The same over all fields of that name.
bool has_token(const Headers& headers, std::string_view name, std::string_view token) noexcept;

/// Fields that say how this connection's bytes are framed: they are written from a Framing and
/// never copied. Content-Length, Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection,
/// Trailer.
bool is_framing_field(std::string_view name) noexcept;

/// Fields that concern one connection only and are not passed on: the framing fields without
/// Content-Length, and TE, Upgrade, Proxy-Authenticate, Proxy-Authorization, Expect.
/// Source: RFC 9110 section 7.6.1.
bool is_hop_by_hop(std::string_view name) noexcept;

/// Removes all fields but those that a proxy passes on: neither hop-by-hop, nor named by
/// Connection, nor Content-Length, which belongs to the body that is really sent.
void keep_end_to_end(Headers& headers);

/// Whether a Content-Type, parameters aside, is `type` ("application/json").
bool is_media_type(std::string_view content_type, std::string_view type) noexcept;

/// Whether a Content-Type is that of server-sent events.
bool is_event_stream(std::string_view content_type) noexcept;

/// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110 section 5.6.7.
std::string format_http_date(WallTime time);

/// The same, formatted once a second and thread. Valid until the thread's next call.
std::string_view cached_http_date(WallTime time);

}  // namespace kthena::http
