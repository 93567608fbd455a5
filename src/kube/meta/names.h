// What Kubernetes takes as names, label keys and label values, and its exact words for what it does
// not. Source: apimachinery v1.34, packages api/validate/content and util/validation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kthena::kube {

// Each returns what is wrong, one text a broken rule; empty if the name is good. Cost: O(length),
// no allocation if good.

/// Part of a host name: lower case letters, digits and '-', at most 63.
std::vector<std::string> dns_label_problems(std::string_view name);
/// The same, but the first character is a letter: names of Services, and of what names are made of.
std::vector<std::string> dns_1035_label_problems(std::string_view name);
/// Labels joined by dots, at most 253: the names of most objects.
std::vector<std::string> dns_subdomain_problems(std::string_view name);
/// Optional DNS prefix, '/', and a name of at most 63.
std::vector<std::string> label_key_problems(std::string_view key);
std::vector<std::string> label_value_problems(std::string_view value);

}  // namespace kthena::kube
