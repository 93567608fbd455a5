#include "kube/types/config.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "json/base64.h"
#include "json/type.h"

namespace kthena::kube {

Result<std::optional<std::string>> Secret::find(std::string_view key) const {
  if (const auto plain = string_data.find(key); plain != string_data.end()) {
    return plain->second;
  }
  const auto coded = data.find(key);
  if (coded == data.end()) {
    return std::nullopt;
  }
  auto bytes = json::decode_base64(coded->second);
  if (!bytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("data[{}] of Secret {} is no base64", key, metadata.key().to_string()));
  }
  return bytes;
}

const std::string* ConfigMap::find(std::string_view key) const {
  const auto found = data.find(key);
  return found == data.end() ? nullptr : &found->second;
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Secret);
KTHENA_JSON_TYPE(kthena::kube::ConfigMap);
