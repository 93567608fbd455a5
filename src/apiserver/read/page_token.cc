#include "apiserver/read/page_token.h"

#include <fmt/format.h>

#include "json/base64.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {

std::string PageToken::print() const {
  json::Value value = json::Object();
  value.set("rv", version);
  value.set("namespace", after.namespace_name);
  value.set("name", after.name);
  return json::encode_base64(json::print(value));
}

Answer<PageToken> PageToken::parse(std::string_view text) {
  const auto bad = [](std::string_view why) {
    return bad_request(fmt::format("continue key is not valid: {}", why));
  };
  const auto decoded = json::decode_base64(text);
  if (!decoded) {
    return bad("it is no base64");
  }
  const auto value = json::parse(*decoded);
  if (!value) {
    return bad(value.error().message());
  }
  const auto field = [&](std::string_view name) { return value->find(name); };
  const json::Value* version = field("rv");
  const json::Value* namespace_name = field("namespace");
  const json::Value* name = field("name");
  if (version == nullptr || !version->is_number() || !version->to_uint64() ||
      namespace_name == nullptr || !namespace_name->is_string() || name == nullptr ||
      !name->is_string()) {
    return bad("it was not given by this server");
  }
  return PageToken{
      .version = *version->to_uint64(),
      .after = {.namespace_name = namespace_name->as_string(), .name = name->as_string()}};
}

}  // namespace kthena::apiserver
