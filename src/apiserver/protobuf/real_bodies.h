// Bodies as Go clients write them, with what they hold. Made with the serializers of
// apimachinery v0.34.2 (pkg/runtime/serializer/protobuf and json); for tests.
#pragma once

#include <array>
#include <string_view>

namespace kthena::apiserver {

struct RealBody {
  std::string_view kind;
  std::string_view base64;
  std::string_view json;
};

// clang-format off
inline constexpr auto kRealBodies = std::to_array<RealBody>({
    {"ConfigMap",
     "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEmQKOgoIc2V0dGluZ3MSABoHZGVmYXVsdCIAKgAyADgAQgBaBgoBYRIBMVoGCg"
     "FiEgEyYgkKBWVtcHR5EgASDgoHZ3LDtsOfZRIDYQpiEggKBG5vbmUSABoKCgNyYXcSAwD/ECAAGgAiAA==",
     R"json({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"settings","namespace":"default","labels":{"a":"1","b":"2"},"annotations":{"empty":""}},"immutable":false,"data":{"größe":"a\nb","none":""},"binaryData":{"raw":"AP8Q"}})json"},
    {"Secret",
     "azhzAAoMCgJ2MRIGU2VjcmV0EkEKHQoFdG9rZW4SABoAIgAqADIAOABCCAi0oYLPBhAAEg0KA2tleRIGc2VjcmV0Gg"
     "ZPcGFxdWUiCQoEdXNlchIBeBoAIgA=",
     R"json({"kind":"Secret","apiVersion":"v1","metadata":{"name":"token","creationTimestamp":"2026-04-16T07:33:08Z"},"data":{"key":"c2VjcmV0"},"stringData":{"user":"x"},"type":"Opaque"})json"},
    {"Deployment",
     "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EpwDCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEuoCCA"
     "ASHgoKCgNhcHASA3dlYhIQCgR0aWVyEgJJbhoBYRoBYhqbAgocCgASABoAIgAqADIAOABCAFoKCgNhcHASA3dlYhL6"
     "AQofCgF2EhqaARcKCgoIc2V0dGluZ3MSCQoBYRIBYhikAwoJCgFlEgQSAgoAEoIBCgVuZ2lueBIFbmdpbngqADoaCg"
     "FBEgAaExoRCgoKCHNldHRpbmdzEgFhGAFCIQoOCgNjcHUSBwoFMTUwMG0KDwoGbWVtb3J5EgUKAzFHaVIhChUSEwoB"
     "LxIKCAEQABoEaHR0cBoAIgAQABgAIAUoADAAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaAByDxgAIAUg//"
     "//////////AYIBAIoBAJoBALIBGQoAEgZFeGlzdHMaACIAKOL//////////wHCAQAiJAoNUm9sbGluZ1VwZGF0ZRIT"
     "CgYIABAAGgASCQgBEAAaAzI1JSgAOAAaDAgAEAAYACAAKAA4ABoAIgA=",
     R"json({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"volumes":[{"name":"v","configMap":{"name":"settings","items":[{"key":"a","path":"b","mode":420}]}},{"name":"e","emptyDir":{}}],"containers":[{"name":"nginx","image":"nginx","env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"settings","key":"a","optional":true}}}],"resources":{"limits":{"cpu":"1500m","memory":"1Gi"}},"livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5}}],"securityContext":{"runAsNonRoot":false,"supplementalGroups":[5,-1]},"tolerations":[{"operator":"Exists","tolerationSeconds":-30}]}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":"25%"}}},"status":{}})json"},
    {"Service",
     "azhzAAoNCgJ2MRIHU2VydmljZRKBAQoTCgN3ZWISABoAIgAqADIAOABCABJmChsKBzgwLTgwODASA1RDUBhQIgcIAB"
     "CQPxoAKAAKGAoBbRIAGFoiDQgBEAAaB21ldHJpY3MoABIKCgNhcHASA3dlYhoAIglDbHVzdGVySVA6AEIAUgBaAGAA"
     "aACyAQdDbHVzdGVyGgIKABoAIgA=",
     R"json({"kind":"Service","apiVersion":"v1","metadata":{"name":"web"},"spec":{"ports":[{"name":"80-8080","protocol":"TCP","port":80,"targetPort":8080},{"name":"m","port":90,"targetPort":"metrics"}],"selector":{"app":"web"},"type":"ClusterIP","internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}})json"},
    {"Lease",
     "azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRKlAQp9CgZsZWFkZXISABoAIgAqADIAOABCAIoBZA"
     "oBbRIGVXBkYXRlGhZjb29yZGluYXRpb24uazhzLmlvL3YxIg0I////////////ARAAMghGaWVsZHNWMTokCiJ7ImY6"
     "c3BlYyI6eyJmOmhvbGRlcklkZW50aXR5Ijp7fX19QgASJAoCbWUQDxoOCICRwOn+/////wEQ6AciDAi0oYLPBhD4x9"
     "zPARoAIgA=",
     R"json({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"leader","managedFields":[{"manager":"m","operation":"Update","apiVersion":"coordination.k8s.io/v1","time":"1969-12-31T23:59:59Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:holderIdentity":{}}}}]},"spec":{"holderIdentity":"me","leaseDurationSeconds":15,"acquireTime":"1960-01-01T00:00:00.000001Z","renewTime":"2026-04-16T07:33:08.435627Z"}})json"},
    {"TokenReview",
     "azhzAAonChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESC1Rva2VuUmV2aWV3EkMKEAoAEgAaACIAKgAyADgAQgASAw"
     "oBdBoqCAESJAoBdRIAGgFnIggKBG5vbmUSACIQCgZzY29wZXMSBgoBYQoBYhoAGgAiAA==",
     R"json({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"t"},"status":{"authenticated":true,"user":{"username":"u","groups":["g"],"extra":{"none":[],"scopes":["a","b"]}}}})json"},
    {"CustomResourceDefinition",
     "azhzAAozChdhcGlleHRlbnNpb25zLms4cy5pby92MRIYQ3VzdG9tUmVzb3VyY2VEZWZpbml0aW9uEuAFCh4KDmFzLm"
     "V4YW1wbGUuY29tEgAaACIAKgAyADgAQgASsQUKC2V4YW1wbGUuY29tGgsKAmFzEgAiAUEqACIKTmFtZXNwYWNlZDqG"
     "BQoCdjEQARgBIvUECvIECgASACIAKgZvYmplY3QyADoAUABgAHoAkAEA6gF1CgFhEnAKABIAIgAqBWFycmF5MgA6AF"
     "AAYAB6AJABAMIBSgpICgASACIAKgZudW1iZXIyADoASQAAAAAAAATAUABgAHoAkAEAogEDCgExogEFCgMieCKiAQoK"
     "CHsieSI6W119qAIAuAIAwAIAqAIAuAIAwAIA6gFxCgFiEmwKABIAIgAqBWFycmF5MgA6AFAAYAB6AJABAMIBRhIkCg"
     "ASACIAKgZzdHJpbmcyADoAUABgAHoAkAEAqAIAuAIAwAIAEh4KABIAIgAqADIAOgBQAGAAegCQAQCoAgC4AgDAAgCo"
     "AgC4AgDAAgDqAVAKAWMSSwoAEgAiACoAMgA6AFAAYAB6AJABAPIBKggBEiYKABIAIgAqBnN0cmluZzIAOgBQAGAAcA"
     "B6AJABAKgCALgCAMACAKgCALgCAMACAOoBKAoBZBIjCgASACIAKgAyADoAUABgAHoAkAEA8gECCACoAgC4AgDAAgDq"
     "ASgKAWUSIwoAEgAiACoAMgA6AFAAYAB6AJABAPIBAggBqAIAuAIAwAIA6gF7CgFmEnYKABIAIgAqADIAOgBQAGAAeg"
     "CQAQCCAggKAXASAxIBcYICSgoBchJFCkMKABIAIgAqADIAOgBQAGAAegCQAQDiASIKABIAIgAqBG51bGwyADoAUABg"
     "AHoAkAEAqAIAuAIAwAIAqAIAuAIAwAIAqAIAuAIAwAIA6gE4CgFnEjMKABIAGgEjIgAqADIAOgBCDAoKeyJrIjoxLj"
     "UwfVAAYAB6AJABAKgCALgCAMACAcoCAWuoAgC4AgDAAgAqAgoAOABQABoKEggKABIAIgAqABoAIgA=",
     R"json({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"as.example.com"},"spec":{"group":"example.com","names":{"plural":"as","kind":"A"},"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"number","maximum":-2.5,"enum":[1,"x",{"y":[]}]}},"b":{"type":"array","items":[{"type":"string"},{}]},"c":{"additionalProperties":{"type":"string","minLength":0}},"d":{"additionalProperties":false},"e":{"additionalProperties":true},"f":{"dependencies":{"p":["q"],"r":{"not":{"type":"null"}}}},"g":{"$ref":"#","default":{"k":1.50},"x-kubernetes-int-or-string":true,"x-kubernetes-list-map-keys":["k"]}}}},"subresources":{"status":{}}}]},"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}})json"},
    {"DeleteOptions",
     "azhzAAoYCgdhcHBzL3YxEg1EZWxldGVPcHRpb25zEhUIABIFCgMxLTIiCkJhY2tncm91bmQaACIA",
     R"json({"kind":"DeleteOptions","apiVersion":"apps/v1","gracePeriodSeconds":0,"preconditions":{"uid":"1-2"},"propagationPolicy":"Background"})json"},
    {"Eviction",
     "azhzAAoVCglwb2xpY3kvdjESCEV2aWN0aW9uEhwKEwoDd2ViEgAaACIAKgAyADgAQgASBSoDQWxsGgAiAA==",
     R"json({"kind":"Eviction","apiVersion":"policy/v1","metadata":{"name":"web"},"deleteOptions":{"dryRun":["All"]}})json"},
});
// clang-format on

}  // namespace kthena::apiserver
