// The rules of all kinds.
#pragma once

#include "apiserver/built_in/service_strategy.h"
#include "apiserver/verbs/rules.h"

namespace kthena::apiserver {

class KindRules final : public Rules {
 public:
  /// @param services  what Services are given; kept up to date by its owner, which outlives this
  explicit KindRules(ServicePool& services) : services_(services) {}

  Answer<void> decode(const Kind& kind, json::Value& object, FieldValidation validation,
                      Warnings& warnings) const override;
  void set_defaults(const Kind& kind, json::Value& object) const override;
  Answer<void> prepare_create(const Kind& kind, json::Value& object) const override;
  Answer<void> prepare_update(const Kind& kind, json::Value& object, const json::Value& before,
                              std::string_view subresource) const override;
  Answer<void> admit(const Kind& kind, json::Value& object, const json::Value* before,
                     std::string_view subresource, Warnings& warnings) const override;
  std::vector<json::Problem> validate(const Kind& kind, const json::Value& object,
                                      const json::Value* before,
                                      std::string_view subresource) const override;
  void complete(const Kind& kind, json::Value& object) const override;

 private:
  ServicePool& services_;
};

}  // namespace kthena::apiserver
