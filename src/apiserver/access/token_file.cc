#include "apiserver/access/token_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>

#include "base/strings.h"

namespace kthena::apiserver {

namespace {

/// The values of a line; a value in quotes may have commas, and quotes doubled.
std::vector<std::string> split_values(std::string_view line) {
  std::vector<std::string> values(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        values.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      values.emplace_back();
    } else {
      values.back() += line[i];
    }
  }
  return values;
}

}  // namespace

Result<std::vector<StaticToken>> parse_token_file(std::string_view text) {
  std::vector<StaticToken> tokens;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty()) {
      continue;
    }
    std::vector<std::string> values = split_values(line);
    if (values.size() < 3 || values[0].empty() || values[1].empty()) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("line {}: needs token,user,uid and optionally groups", number));
    }
    StaticToken token{.token = std::move(values[0]),
                      .user = {.name = std::move(values[1]), .uid = std::move(values[2])}};
    if (values.size() > 3) {
      for (const std::string_view group : split(values[3], ',')) {
        if (!trim(group).empty()) {
          token.user.groups.emplace_back(trim(group));
        }
      }
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace kthena::apiserver
