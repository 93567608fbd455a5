#include "apiserver/stream/pod_target.h"

#include <algorithm>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/patch/failure.h"
#include "base/strings.h"
#include "json/path.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

std::string text_at(const json::Value& object, std::string_view path) {
  const json::Value* value = json::find_path(object, path);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

void add_names(const json::Value& pod, std::string_view path, std::vector<std::string>& names) {
  const json::Value* list = json::find_path(pod, path);
  if (list == nullptr || !list->is_array()) {
    return;
  }
  for (const json::Value& container : list->as_array()) {
    names.push_back(text_at(container, "name"));
  }
}

}  // namespace

Answer<std::string> choose_container(const json::Value& pod, std::string_view wanted) {
  const std::string pod_name = text_at(pod, "metadata.name");
  std::vector<std::string> all;
  add_names(pod, "spec.initContainers", all);
  std::vector<std::string> own;
  add_names(pod, "spec.containers", own);
  all.insert(all.end(), own.begin(), own.end());
  add_names(pod, "spec.ephemeralContainers", all);
  if (!wanted.empty()) {
    if (std::ranges::find(all, wanted) == all.end()) {
      return bad_request("container " + std::string(wanted) + " is not valid for pod " + pod_name);
    }
    return std::string(wanted);
  }
  if (own.size() == 1) {
    return own.front();
  }
  std::string text = "a container name must be specified for pod " + pod_name;
  if (!own.empty()) {
    text += ", choose one of: [" + join(all, " ") + "]";
  }
  return bad_request(std::move(text));
}

Answer<void> check_scheduled(const json::Value& pod) {
  if (text_at(pod, "spec.nodeName").empty()) {
    return bad_request("pod " + text_at(pod, "metadata.name") + " does not have a host assigned");
  }
  return {};
}

}  // namespace kthena::apiserver
