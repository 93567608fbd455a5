// The generated table, as text: one entry a type. Read shape.h instead.
#pragma once

#include <span>
#include <string_view>

namespace kthena::kube::shapes {

std::span<const std::string_view> type_texts();

}  // namespace kthena::kube::shapes
