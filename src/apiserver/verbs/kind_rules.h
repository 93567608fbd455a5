// The rules of all kinds.
#pragma once

#include "apiserver/access/authorization.h"
#include "apiserver/built_in/service_strategy.h"
#include "apiserver/verbs/rules.h"

namespace kthena::apiserver {

class KindRules final : public Rules {
 public:
  /// Both are kept up to date by their owners, who outlive this.
  /// @param services  what Services are given
  /// @param authorizer  who may give which rights
  KindRules(ServicePool& services, const Authorizer& authorizer)
      : services_(services), authorizer_(authorizer) {}

  Answer<void> decode(const Kind& kind, json::Value& object, FieldValidation validation,
                      Warnings& warnings) const override;
  void set_defaults(const Kind& kind, json::Value& object) const override;
  Answer<void> prepare_create(const Kind& kind, json::Value& object) const override;
  Answer<void> prepare_update(const Kind& kind, json::Value& object, const json::Value& before,
                              std::string_view subresource) const override;
  Answer<void> admit(const WriteRequest& request, json::Value& object, const json::Value* before,
                     Warnings& warnings) const override;
  std::vector<json::Problem> validate(const Kind& kind, const json::Value& object,
                                      const json::Value* before,
                                      std::string_view subresource) const override;
  void complete(const Kind& kind, json::Value& object) const override;

 private:
  ServicePool& services_;
  const Authorizer& authorizer_;
};

}  // namespace kthena::apiserver
