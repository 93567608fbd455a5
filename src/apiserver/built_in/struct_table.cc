// Written by tools/go_structs.py from the API types of Kubernetes; its grammar is in structs.h.
#include <span>
#include <string_view>

#include "apiserver/built_in/structs.h"

// clang-format off

namespace kthena::apiserver {

namespace {

constexpr std::string_view kStructs[] = {
R"(AWSElasticBlockStoreVolumeSource
volumeID string always
fsType string
partition int32
readOnly bool)",
R"(Affinity
nodeAffinity *NodeAffinity
podAffinity *PodAffinity
podAntiAffinity *PodAntiAffinity)",
R"(AggregationRule
clusterRoleSelectors []LabelSelector)",
R"(AppArmorProfile
type v1.AppArmorProfileType=string always
localhostProfile *string)",
R"(AttachedVolume
name v1.UniqueVolumeName=string always
devicePath string always)",
R"(AzureDiskVolumeSource
diskName string always
diskURI string always
cachingMode *v1.AzureDataDiskCachingMode=string
fsType *string
readOnly *bool
kind *v1.AzureDataDiskKind=string)",
R"(AzureFilePersistentVolumeSource
secretName string always
shareName string always
readOnly bool
secretNamespace *string always)",
R"(AzureFileVolumeSource
secretName string always
shareName string always
readOnly bool)",
R"(Binding
kind string
apiVersion string
metadata ObjectMeta
target ObjectReference always)",
R"(BoundObjectReference
kind string
apiVersion string
name string
uid types.UID=string)",
R"(CSIPersistentVolumeSource
driver string always
volumeHandle string always
readOnly bool
fsType string
volumeAttributes {}string
controllerPublishSecretRef *SecretReference
nodeStageSecretRef *SecretReference
nodePublishSecretRef *SecretReference
controllerExpandSecretRef *SecretReference
nodeExpandSecretRef *SecretReference)",
R"(CSIVolumeSource
driver string always
readOnly *bool
fsType *string
volumeAttributes {}string
nodePublishSecretRef *LocalObjectReference)",
R"(Capabilities
add []v1.Capability=string
drop []v1.Capability=string)",
R"(CephFSPersistentVolumeSource
monitors []string always
path string
user string
secretFile string
secretRef *SecretReference
readOnly bool)",
R"(CephFSVolumeSource
monitors []string always
path string
user string
secretFile string
secretRef *LocalObjectReference
readOnly bool)",
R"(CinderPersistentVolumeSource
volumeID string always
fsType string
readOnly bool
secretRef *SecretReference)",
R"(CinderVolumeSource
volumeID string always
fsType string
readOnly bool
secretRef *LocalObjectReference)",
R"(ClientIPConfig
timeoutSeconds *int32)",
R"(ClusterRole
kind string
apiVersion string
metadata ObjectMeta
rules []PolicyRule always
aggregationRule *AggregationRule)",
R"(ClusterRoleBinding
kind string
apiVersion string
metadata ObjectMeta
subjects []Subject
roleRef RoleRef always)",
R"(ClusterTrustBundleProjection
name *string
signerName *string
labelSelector *LabelSelector
optional *bool
path string always)",
R"(Condition
type string always
status v1.ConditionStatus=string always
observedGeneration int64
lastTransitionTime time always
reason string always
message string always)",
R"(ConfigMap
kind string
apiVersion string
metadata ObjectMeta
immutable *bool
data {}string
binaryData {}bytes)",
R"(ConfigMapEnvSource
name string
optional *bool)",
R"(ConfigMapKeySelector
name string
key string always
optional *bool)",
R"(ConfigMapNodeConfigSource
namespace string always
name string always
uid types.UID=string
resourceVersion string
kubeletConfigKey string always)",
R"(ConfigMapProjection
name string
items []KeyToPath
optional *bool)",
R"(ConfigMapVolumeSource
name string
items []KeyToPath
defaultMode *int32
optional *bool)",
R"(Container
name string always
image string
command []string
args []string
workingDir string
ports []ContainerPort
envFrom []EnvFromSource
env []EnvVar
resources ResourceRequirements
resizePolicy []ContainerResizePolicy
restartPolicy *v1.ContainerRestartPolicy=string
restartPolicyRules []ContainerRestartRule
volumeMounts []VolumeMount
volumeDevices []VolumeDevice
livenessProbe *Probe
readinessProbe *Probe
startupProbe *Probe
lifecycle *Lifecycle
terminationMessagePath string
terminationMessagePolicy v1.TerminationMessagePolicy=string
imagePullPolicy v1.PullPolicy=string
securityContext *SecurityContext
stdin bool
stdinOnce bool
tty bool)",
R"(ContainerExtendedResourceRequest
containerName string always
resourceName string always
requestName string always)",
R"(ContainerImage
names []string always
sizeBytes int64)",
R"(ContainerPort
name string
hostPort int32
containerPort int32 always
protocol v1.Protocol=string
hostIP string)",
R"(ContainerResizePolicy
resourceName v1.ResourceName=string always
restartPolicy v1.ResourceResizeRestartPolicy=string always)",
R"(ContainerResourceMetricSource
name v1.ResourceName=string always
target MetricTarget always
container string always)",
R"(ContainerResourceMetricStatus
name v1.ResourceName=string always
current MetricValueStatus always
container string always)",
R"(ContainerRestartRule
action v1.ContainerRestartRuleAction=string
exitCodes *ContainerRestartRuleOnExitCodes)",
R"(ContainerRestartRuleOnExitCodes
operator v1.ContainerRestartRuleOnExitCodesOperator=string
values []int32)",
R"(ContainerState
waiting *ContainerStateWaiting
running *ContainerStateRunning
terminated *ContainerStateTerminated)",
R"(ContainerStateRunning
startedAt time)",
R"(ContainerStateTerminated
exitCode int32 always
signal int32
reason string
message string
startedAt time
finishedAt time
containerID string)",
R"(ContainerStateWaiting
reason string
message string)",
R"(ContainerStatus
name string always
state ContainerState
lastState ContainerState
ready bool always
restartCount int32 always
image string always
imageID string always
containerID string
started *bool
allocatedResources v1.ResourceList={v1.ResourceName}quantity
resources *ResourceRequirements
volumeMounts []VolumeMountStatus
user *ContainerUser
allocatedResourcesStatus []ResourceStatus
stopSignal *v1.Signal=string)",
R"(ContainerUser
linux *LinuxContainerUser)",
R"(ControllerRevision
kind string
apiVersion string
metadata ObjectMeta
data any
revision int64 always)",
R"(CronJob
kind string
apiVersion string
metadata ObjectMeta
spec CronJobSpec
status CronJobStatus)",
R"(CronJobSpec
schedule string always
timeZone *string
startingDeadlineSeconds *int64
concurrencyPolicy v1.ConcurrencyPolicy=string
suspend *bool
jobTemplate JobTemplateSpec always
successfulJobsHistoryLimit *int32
failedJobsHistoryLimit *int32)",
R"(CronJobStatus
active []ObjectReference
lastScheduleTime *time
lastSuccessfulTime *time)",
R"(CrossVersionObjectReference
kind string always
name string always
apiVersion string)",
R"(CustomResourceColumnDefinition
name string always
type string always
format string
description string
priority int32
jsonPath string always)",
R"(CustomResourceConversion
strategy v1.ConversionStrategyType=string always
webhook *WebhookConversion)",
R"(CustomResourceDefinition
kind string
apiVersion string
metadata ObjectMeta
spec CustomResourceDefinitionSpec always
status CustomResourceDefinitionStatus)",
R"(CustomResourceDefinitionCondition
type v1.CustomResourceDefinitionConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(CustomResourceDefinitionNames
plural string always
singular string
shortNames []string
kind string always
listKind string
categories []string)",
R"(CustomResourceDefinitionSpec
group string always
names CustomResourceDefinitionNames always
scope v1.ResourceScope=string always
versions []CustomResourceDefinitionVersion always
conversion *CustomResourceConversion
preserveUnknownFields bool)",
R"(CustomResourceDefinitionStatus
conditions []CustomResourceDefinitionCondition always
acceptedNames CustomResourceDefinitionNames always
storedVersions []string always)",
R"(CustomResourceDefinitionVersion
name string always
served bool always
storage bool always
deprecated bool
deprecationWarning *string
schema *CustomResourceValidation
subresources *CustomResourceSubresources
additionalPrinterColumns []CustomResourceColumnDefinition
selectableFields []SelectableField)",
R"(CustomResourceSubresourceScale
specReplicasPath string always
statusReplicasPath string always
labelSelectorPath *string)",
R"(CustomResourceSubresourceStatus)",
R"(CustomResourceSubresources
status *CustomResourceSubresourceStatus
scale *CustomResourceSubresourceScale)",
R"(CustomResourceValidation
openAPIV3Schema *JSONSchemaProps)",
R"(DaemonEndpoint
Port int32 always)",
R"(DaemonSet
kind string
apiVersion string
metadata ObjectMeta
spec DaemonSetSpec
status DaemonSetStatus)",
R"(DaemonSetCondition
type v1.DaemonSetConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(DaemonSetSpec
selector *LabelSelector always
template PodTemplateSpec always
updateStrategy DaemonSetUpdateStrategy
minReadySeconds int32
revisionHistoryLimit *int32)",
R"(DaemonSetStatus
currentNumberScheduled int32 always
numberMisscheduled int32 always
desiredNumberScheduled int32 always
numberReady int32 always
observedGeneration int64
updatedNumberScheduled int32
numberAvailable int32
numberUnavailable int32
collisionCount *int32
conditions []DaemonSetCondition)",
R"(DaemonSetUpdateStrategy
type v1.DaemonSetUpdateStrategyType=string
rollingUpdate *RollingUpdateDaemonSet)",
R"(DeleteOptions
kind string
apiVersion string
gracePeriodSeconds *int64
preconditions *Preconditions
orphanDependents *bool
propagationPolicy *v1.DeletionPropagation=string
dryRun []string
ignoreStoreReadErrorWithClusterBreakingPotential *bool)",
R"(Deployment
kind string
apiVersion string
metadata ObjectMeta
spec DeploymentSpec
status DeploymentStatus)",
R"(DeploymentCondition
type v1.DeploymentConditionType=string always
status v1.ConditionStatus=string always
lastUpdateTime time
lastTransitionTime time
reason string
message string)",
R"(DeploymentSpec
replicas *int32
selector *LabelSelector always
template PodTemplateSpec always
strategy DeploymentStrategy
minReadySeconds int32
revisionHistoryLimit *int32
paused bool
progressDeadlineSeconds *int32)",
R"(DeploymentStatus
observedGeneration int64
replicas int32
updatedReplicas int32
readyReplicas int32
availableReplicas int32
unavailableReplicas int32
terminatingReplicas *int32
conditions []DeploymentCondition
collisionCount *int32)",
R"(DeploymentStrategy
type v1.DeploymentStrategyType=string
rollingUpdate *RollingUpdateDeployment)",
R"(DownwardAPIProjection
items []DownwardAPIVolumeFile)",
R"(DownwardAPIVolumeFile
path string always
fieldRef *ObjectFieldSelector
resourceFieldRef *ResourceFieldSelector
mode *int32)",
R"(DownwardAPIVolumeSource
items []DownwardAPIVolumeFile
defaultMode *int32)",
R"(EmptyDirVolumeSource
medium v1.StorageMedium=string
sizeLimit *quantity)",
R"(Endpoint
addresses []string always
conditions EndpointConditions
hostname *string
targetRef *ObjectReference
deprecatedTopology {}string
nodeName *string
zone *string
hints *EndpointHints)",
R"(EndpointAddress
ip string always
hostname string
nodeName *string
targetRef *ObjectReference)",
R"(EndpointConditions
ready *bool
serving *bool
terminating *bool)",
R"(EndpointHints
forZones []ForZone
forNodes []ForNode)",
R"(EndpointPort
name *string
protocol *v1.Protocol=string
port *int32
appProtocol *string)",
R"(EndpointSlice
kind string
apiVersion string
metadata ObjectMeta
addressType v1.AddressType=string always
endpoints []Endpoint always
ports []EndpointPort always)",
R"(EndpointSubset
addresses []EndpointAddress
notReadyAddresses []EndpointAddress
ports []core.EndpointPort)",
R"(Endpoints
kind string
apiVersion string
metadata ObjectMeta
subsets []EndpointSubset)",
R"(EnvFromSource
prefix string
configMapRef *ConfigMapEnvSource
secretRef *SecretEnvSource)",
R"(EnvVar
name string always
value string
valueFrom *EnvVarSource)",
R"(EnvVarSource
fieldRef *ObjectFieldSelector
resourceFieldRef *ResourceFieldSelector
configMapKeyRef *ConfigMapKeySelector
secretKeyRef *SecretKeySelector
fileKeyRef *FileKeySelector)",
R"(EphemeralContainer
name string always
image string
command []string
args []string
workingDir string
ports []ContainerPort
envFrom []EnvFromSource
env []EnvVar
resources ResourceRequirements
resizePolicy []ContainerResizePolicy
restartPolicy *v1.ContainerRestartPolicy=string
restartPolicyRules []ContainerRestartRule
volumeMounts []VolumeMount
volumeDevices []VolumeDevice
livenessProbe *Probe
readinessProbe *Probe
startupProbe *Probe
lifecycle *Lifecycle
terminationMessagePath string
terminationMessagePolicy v1.TerminationMessagePolicy=string
imagePullPolicy v1.PullPolicy=string
securityContext *SecurityContext
stdin bool
stdinOnce bool
tty bool
targetContainerName string)",
R"(EphemeralVolumeSource
volumeClaimTemplate *PersistentVolumeClaimTemplate)",
R"(Event
kind string
apiVersion string
metadata ObjectMeta always
involvedObject ObjectReference always
reason string
message string
source EventSource
firstTimestamp time
lastTimestamp time
count int32
type string
eventTime micro-time
series *EventSeries
action string
related *ObjectReference
reportingComponent string always
reportingInstance string always)",
R"(EventSeries
count int32
lastObservedTime micro-time)",
R"(EventSource
component string
host string)",
R"(Eviction
kind string
apiVersion string
metadata ObjectMeta
deleteOptions *DeleteOptions)",
R"(ExecAction
command []string)",
R"(ExternalDocumentation
description string
url string)",
R"(ExternalMetricSource
metric MetricIdentifier always
target MetricTarget always)",
R"(ExternalMetricStatus
metric MetricIdentifier always
current MetricValueStatus always)",
R"(FCVolumeSource
targetWWNs []string
lun *int32
fsType string
readOnly bool
wwids []string)",
R"(FieldSelectorAttributes
rawSelector string
requirements []FieldSelectorRequirement)",
R"(FieldSelectorRequirement
key string always
operator v1.FieldSelectorOperator=string always
values []string)",
R"(FileKeySelector
volumeName string always
path string always
key string always
optional *bool)",
R"(FlexPersistentVolumeSource
driver string always
fsType string
secretRef *SecretReference
readOnly bool
options {}string)",
R"(FlexVolumeSource
driver string always
fsType string
secretRef *LocalObjectReference
readOnly bool
options {}string)",
R"(FlockerVolumeSource
datasetName string
datasetUUID string)",
R"(ForNode
name string always)",
R"(ForZone
name string always)",
R"(GCEPersistentDiskVolumeSource
pdName string always
fsType string
partition int32
readOnly bool)",
R"(GRPCAction
port int32 always
service *string always)",
R"(GitRepoVolumeSource
repository string always
revision string
directory string)",
R"(GlusterfsPersistentVolumeSource
endpoints string always
path string always
readOnly bool
endpointsNamespace *string)",
R"(GlusterfsVolumeSource
endpoints string always
path string always
readOnly bool)",
R"(HPAScalingPolicy
type v2.HPAScalingPolicyType=string always
value int32 always
periodSeconds int32 always)",
R"(HPAScalingRules
stabilizationWindowSeconds *int32
selectPolicy *v2.ScalingPolicySelect=string
policies []HPAScalingPolicy
tolerance *quantity)",
R"(HTTPGetAction
path string
port int-or-string always
host string
scheme v1.URIScheme=string
httpHeaders []HTTPHeader)",
R"(HTTPHeader
name string always
value string always)",
R"(HTTPIngressPath
path string
pathType *v1.PathType=string always
backend IngressBackend always)",
R"(HTTPIngressRuleValue
paths []HTTPIngressPath always)",
R"(HorizontalPodAutoscaler
kind string
apiVersion string
metadata ObjectMeta
spec HorizontalPodAutoscalerSpec
status HorizontalPodAutoscalerStatus)",
R"(HorizontalPodAutoscalerBehavior
scaleUp *HPAScalingRules
scaleDown *HPAScalingRules)",
R"(HorizontalPodAutoscalerCondition
type v2.HorizontalPodAutoscalerConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(HorizontalPodAutoscalerSpec
scaleTargetRef CrossVersionObjectReference always
minReplicas *int32
maxReplicas int32 always
metrics []MetricSpec
behavior *HorizontalPodAutoscalerBehavior)",
R"(HorizontalPodAutoscalerStatus
observedGeneration *int64
lastScaleTime *time
currentReplicas int32
desiredReplicas int32 always
currentMetrics []MetricStatus always
conditions []HorizontalPodAutoscalerCondition)",
R"(HostAlias
ip string always
hostnames []string)",
R"(HostIP
ip string always)",
R"(HostPathVolumeSource
path string always
type *v1.HostPathType=string)",
R"(IPBlock
cidr string always
except []string)",
R"(ISCSIPersistentVolumeSource
targetPortal string always
iqn string always
lun int32 always
iscsiInterface string
fsType string
readOnly bool
portals []string
chapAuthDiscovery bool
chapAuthSession bool
secretRef *SecretReference
initiatorName *string)",
R"(ISCSIVolumeSource
targetPortal string always
iqn string always
lun int32 always
iscsiInterface string
fsType string
readOnly bool
portals []string
chapAuthDiscovery bool
chapAuthSession bool
secretRef *LocalObjectReference
initiatorName *string)",
R"(ImageVolumeSource
reference string
pullPolicy v1.PullPolicy=string)",
R"(Ingress
kind string
apiVersion string
metadata ObjectMeta
spec IngressSpec
status IngressStatus)",
R"(IngressBackend
service *IngressServiceBackend
resource *TypedLocalObjectReference)",
R"(IngressLoadBalancerIngress
ip string
hostname string
ports []IngressPortStatus)",
R"(IngressLoadBalancerStatus
ingress []IngressLoadBalancerIngress)",
R"(IngressPortStatus
port int32 always
protocol v1.Protocol=string always
error *string)",
R"(IngressRule
host string
http *HTTPIngressRuleValue)",
R"(IngressServiceBackend
name string always
port ServiceBackendPort)",
R"(IngressSpec
ingressClassName *string
defaultBackend *IngressBackend
tls []IngressTLS
rules []IngressRule)",
R"(IngressStatus
loadBalancer IngressLoadBalancerStatus)",
R"(IngressTLS
hosts []string
secretName string)",
R"(JSONSchemaProps
id string
$schema v1.JSONSchemaURL=string
$ref *string
description string
type string
format string
title string
default *any
maximum *float64
exclusiveMaximum bool
minimum *float64
exclusiveMinimum bool
maxLength *int64
minLength *int64
pattern string
maxItems *int64
minItems *int64
uniqueItems bool
multipleOf *float64
enum []any
maxProperties *int64
minProperties *int64
required []string
items *any
allOf []JSONSchemaProps
oneOf []JSONSchemaProps
anyOf []JSONSchemaProps
not *JSONSchemaProps
properties {}JSONSchemaProps
additionalProperties *any
patternProperties {}JSONSchemaProps
dependencies v1.JSONSchemaDependencies={}any
additionalItems *any
definitions v1.JSONSchemaDefinitions={}JSONSchemaProps
externalDocs *ExternalDocumentation
example *any
nullable bool
x-kubernetes-preserve-unknown-fields *bool
x-kubernetes-embedded-resource bool
x-kubernetes-int-or-string bool
x-kubernetes-list-map-keys []string
x-kubernetes-list-type *string
x-kubernetes-map-type *string
x-kubernetes-validations v1.ValidationRules=[]ValidationRule)",
R"(Job
kind string
apiVersion string
metadata ObjectMeta
spec JobSpec
status JobStatus)",
R"(JobCondition
type v1.JobConditionType=string always
status v1.ConditionStatus=string always
lastProbeTime time
lastTransitionTime time
reason string
message string)",
R"(JobSpec
parallelism *int32
completions *int32
activeDeadlineSeconds *int64
podFailurePolicy *PodFailurePolicy
successPolicy *SuccessPolicy
backoffLimit *int32
backoffLimitPerIndex *int32
maxFailedIndexes *int32
selector *LabelSelector
manualSelector *bool
template PodTemplateSpec always
ttlSecondsAfterFinished *int32
completionMode *v1.CompletionMode=string
suspend *bool
podReplacementPolicy *v1.PodReplacementPolicy=string
managedBy *string)",
R"(JobStatus
conditions []JobCondition
startTime *time
completionTime *time
active int32
succeeded int32
failed int32
terminating *int32
completedIndexes string
failedIndexes *string
uncountedTerminatedPods *UncountedTerminatedPods
ready *int32)",
R"(JobTemplateSpec
metadata ObjectMeta
spec JobSpec)",
R"(KeyToPath
key string always
path string always
mode *int32)",
R"(LabelSelector
matchLabels {}string
matchExpressions []LabelSelectorRequirement)",
R"(LabelSelectorAttributes
rawSelector string
requirements []LabelSelectorRequirement)",
R"(LabelSelectorRequirement
key string always
operator v1.LabelSelectorOperator=string always
values []string)",
R"(Lease
kind string
apiVersion string
metadata ObjectMeta
spec LeaseSpec)",
R"(LeaseSpec
holderIdentity *string
leaseDurationSeconds *int32
acquireTime *micro-time
renewTime *micro-time
leaseTransitions *int32
strategy *v1.CoordinatedLeaseStrategy=string
preferredHolder *string)",
R"(Lifecycle
postStart *LifecycleHandler
preStop *LifecycleHandler
stopSignal *v1.Signal=string)",
R"(LifecycleHandler
exec *ExecAction
httpGet *HTTPGetAction
tcpSocket *TCPSocketAction
sleep *SleepAction)",
R"(LimitRange
kind string
apiVersion string
metadata ObjectMeta
spec LimitRangeSpec)",
R"(LimitRangeItem
type v1.LimitType=string always
max v1.ResourceList={v1.ResourceName}quantity
min v1.ResourceList={v1.ResourceName}quantity
default v1.ResourceList={v1.ResourceName}quantity
defaultRequest v1.ResourceList={v1.ResourceName}quantity
maxLimitRequestRatio v1.ResourceList={v1.ResourceName}quantity)",
R"(LimitRangeSpec
limits []LimitRangeItem always)",
R"(LinuxContainerUser
uid int64 always
gid int64 always
supplementalGroups []int64)",
R"(ListMeta
selfLink string
resourceVersion string
continue string
remainingItemCount *int64)",
R"(LoadBalancerIngress
ip string
hostname string
ipMode *v1.LoadBalancerIPMode=string
ports []PortStatus)",
R"(LoadBalancerStatus
ingress []LoadBalancerIngress)",
R"(LocalObjectReference
name string)",
R"(LocalSubjectAccessReview
kind string
apiVersion string
metadata ObjectMeta
spec SubjectAccessReviewSpec always
status SubjectAccessReviewStatus)",
R"(LocalVolumeSource
path string always
fsType *string)",
R"(ManagedFieldsEntry
manager string
operation v1.ManagedFieldsOperationType=string
apiVersion string
time *time
fieldsType string
fieldsV1 *any
subresource string)",
R"(MatchCondition
name string always
expression string always)",
R"(MetricIdentifier
name string always
selector *LabelSelector)",
R"(MetricSpec
type v2.MetricSourceType=string always
object *ObjectMetricSource
pods *PodsMetricSource
resource *ResourceMetricSource
containerResource *ContainerResourceMetricSource
external *ExternalMetricSource)",
R"(MetricStatus
type v2.MetricSourceType=string always
object *ObjectMetricStatus
pods *PodsMetricStatus
resource *ResourceMetricStatus
containerResource *ContainerResourceMetricStatus
external *ExternalMetricStatus)",
R"(MetricTarget
type v2.MetricTargetType=string always
value *quantity
averageValue *quantity
averageUtilization *int32)",
R"(MetricValueStatus
value *quantity
averageValue *quantity
averageUtilization *int32)",
R"(ModifyVolumeStatus
targetVolumeAttributesClassName string
status v1.PersistentVolumeClaimModifyVolumeStatus=string always)",
R"(MutatingWebhook
name string always
clientConfig WebhookClientConfig always
rules []RuleWithOperations
failurePolicy *v1.FailurePolicyType=string
matchPolicy *v1.MatchPolicyType=string
namespaceSelector *LabelSelector
objectSelector *LabelSelector
sideEffects *v1.SideEffectClass=string always
timeoutSeconds *int32
admissionReviewVersions []string always
reinvocationPolicy *v1.ReinvocationPolicyType=string
matchConditions []MatchCondition)",
R"(MutatingWebhookConfiguration
kind string
apiVersion string
metadata ObjectMeta
webhooks []MutatingWebhook)",
R"(NFSVolumeSource
server string always
path string always
readOnly bool)",
R"(Namespace
kind string
apiVersion string
metadata ObjectMeta
spec NamespaceSpec
status NamespaceStatus)",
R"(NamespaceCondition
type v1.NamespaceConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(NamespaceSpec
finalizers []v1.FinalizerName=string)",
R"(NamespaceStatus
phase v1.NamespacePhase=string
conditions []NamespaceCondition)",
R"(NetworkPolicy
kind string
apiVersion string
metadata ObjectMeta
spec NetworkPolicySpec)",
R"(NetworkPolicyEgressRule
ports []NetworkPolicyPort
to []NetworkPolicyPeer)",
R"(NetworkPolicyIngressRule
ports []NetworkPolicyPort
from []NetworkPolicyPeer)",
R"(NetworkPolicyPeer
podSelector *LabelSelector
namespaceSelector *LabelSelector
ipBlock *IPBlock)",
R"(NetworkPolicyPort
protocol *v1.Protocol=string
port *int-or-string
endPort *int32)",
R"(NetworkPolicySpec
podSelector LabelSelector always
ingress []NetworkPolicyIngressRule
egress []NetworkPolicyEgressRule
policyTypes []v1.PolicyType=string)",
R"(Node
kind string
apiVersion string
metadata ObjectMeta
spec NodeSpec
status NodeStatus)",
R"(NodeAddress
type v1.NodeAddressType=string always
address string always)",
R"(NodeAffinity
requiredDuringSchedulingIgnoredDuringExecution *NodeSelector
preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm)",
R"(NodeCondition
type v1.NodeConditionType=string always
status v1.ConditionStatus=string always
lastHeartbeatTime time
lastTransitionTime time
reason string
message string)",
R"(NodeConfigSource
configMap *ConfigMapNodeConfigSource)",
R"(NodeConfigStatus
assigned *NodeConfigSource
active *NodeConfigSource
lastKnownGood *NodeConfigSource
error string)",
R"(NodeDaemonEndpoints
kubeletEndpoint DaemonEndpoint)",
R"(NodeFeatures
supplementalGroupsPolicy *bool)",
R"(NodeRuntimeHandler
name string always
features *NodeRuntimeHandlerFeatures)",
R"(NodeRuntimeHandlerFeatures
recursiveReadOnlyMounts *bool
userNamespaces *bool)",
R"(NodeSelector
nodeSelectorTerms []NodeSelectorTerm always)",
R"(NodeSelectorRequirement
key string always
operator v1.NodeSelectorOperator=string always
values []string)",
R"(NodeSelectorTerm
matchExpressions []NodeSelectorRequirement
matchFields []NodeSelectorRequirement)",
R"(NodeSpec
podCIDR string
podCIDRs []string
providerID string
unschedulable bool
taints []Taint
configSource *NodeConfigSource
externalID string)",
R"(NodeStatus
capacity v1.ResourceList={v1.ResourceName}quantity
allocatable v1.ResourceList={v1.ResourceName}quantity
phase v1.NodePhase=string
conditions []NodeCondition
addresses []NodeAddress
daemonEndpoints NodeDaemonEndpoints
nodeInfo NodeSystemInfo
images []ContainerImage
volumesInUse []v1.UniqueVolumeName=string
volumesAttached []AttachedVolume
config *NodeConfigStatus
runtimeHandlers []NodeRuntimeHandler
features *NodeFeatures)",
R"(NodeSwapStatus
capacity *int64)",
R"(NodeSystemInfo
machineID string always
systemUUID string always
bootID string always
kernelVersion string always
osImage string always
containerRuntimeVersion string always
kubeletVersion string always
kubeProxyVersion string always
operatingSystem string always
architecture string always
swap *NodeSwapStatus)",
R"(NonResourceAttributes
path string
verb string)",
R"(NonResourceRule
verbs []string always
nonResourceURLs []string)",
R"(ObjectFieldSelector
apiVersion string
fieldPath string always)",
R"(ObjectMeta
name string
generateName string
namespace string
selfLink string
uid types.UID=string
resourceVersion string
generation int64
creationTimestamp time omitzero
deletionTimestamp *time
deletionGracePeriodSeconds *int64
labels {}string
annotations {}string
ownerReferences []OwnerReference
finalizers []string
managedFields []ManagedFieldsEntry)",
R"(ObjectMetricSource
describedObject CrossVersionObjectReference always
target MetricTarget always
metric MetricIdentifier always)",
R"(ObjectMetricStatus
metric MetricIdentifier always
current MetricValueStatus always
describedObject CrossVersionObjectReference always)",
R"(ObjectReference
kind string
namespace string
name string
uid types.UID=string
apiVersion string
resourceVersion string
fieldPath string)",
R"(Overhead
podFixed v1.ResourceList={v1.ResourceName}quantity)",
R"(OwnerReference
apiVersion string always
kind string always
name string always
uid types.UID=string always
controller *bool
blockOwnerDeletion *bool)",
R"(PersistentVolume
kind string
apiVersion string
metadata ObjectMeta
spec PersistentVolumeSpec
status PersistentVolumeStatus)",
R"(PersistentVolumeClaim
kind string
apiVersion string
metadata ObjectMeta
spec PersistentVolumeClaimSpec
status PersistentVolumeClaimStatus)",
R"(PersistentVolumeClaimCondition
type v1.PersistentVolumeClaimConditionType=string always
status v1.ConditionStatus=string always
lastProbeTime time
lastTransitionTime time
reason string
message string)",
R"(PersistentVolumeClaimSpec
accessModes []v1.PersistentVolumeAccessMode=string
selector *LabelSelector
resources VolumeResourceRequirements
volumeName string
storageClassName *string
volumeMode *v1.PersistentVolumeMode=string
dataSource *TypedLocalObjectReference
dataSourceRef *TypedObjectReference
volumeAttributesClassName *string)",
R"(PersistentVolumeClaimStatus
phase v1.PersistentVolumeClaimPhase=string
accessModes []v1.PersistentVolumeAccessMode=string
capacity v1.ResourceList={v1.ResourceName}quantity
conditions []PersistentVolumeClaimCondition
allocatedResources v1.ResourceList={v1.ResourceName}quantity
allocatedResourceStatuses {v1.ResourceName}v1.ClaimResourceStatus=string
currentVolumeAttributesClassName *string
modifyVolumeStatus *ModifyVolumeStatus)",
R"(PersistentVolumeClaimTemplate
metadata ObjectMeta
spec PersistentVolumeClaimSpec always)",
R"(PersistentVolumeClaimVolumeSource
claimName string always
readOnly bool)",
R"(PersistentVolumeSpec
capacity v1.ResourceList={v1.ResourceName}quantity
gcePersistentDisk *GCEPersistentDiskVolumeSource
awsElasticBlockStore *AWSElasticBlockStoreVolumeSource
hostPath *HostPathVolumeSource
glusterfs *GlusterfsPersistentVolumeSource
nfs *NFSVolumeSource
rbd *RBDPersistentVolumeSource
iscsi *ISCSIPersistentVolumeSource
cinder *CinderPersistentVolumeSource
cephfs *CephFSPersistentVolumeSource
fc *FCVolumeSource
flocker *FlockerVolumeSource
flexVolume *FlexPersistentVolumeSource
azureFile *AzureFilePersistentVolumeSource
vsphereVolume *VsphereVirtualDiskVolumeSource
quobyte *QuobyteVolumeSource
azureDisk *AzureDiskVolumeSource
photonPersistentDisk *PhotonPersistentDiskVolumeSource
portworxVolume *PortworxVolumeSource
scaleIO *ScaleIOPersistentVolumeSource
local *LocalVolumeSource
storageos *StorageOSPersistentVolumeSource
csi *CSIPersistentVolumeSource
accessModes []v1.PersistentVolumeAccessMode=string
claimRef *ObjectReference
persistentVolumeReclaimPolicy v1.PersistentVolumeReclaimPolicy=string
storageClassName string
mountOptions []string
volumeMode *v1.PersistentVolumeMode=string
nodeAffinity *VolumeNodeAffinity
volumeAttributesClassName *string)",
R"(PersistentVolumeStatus
phase v1.PersistentVolumePhase=string
message string
reason string
lastPhaseTransitionTime *time)",
R"(PhotonPersistentDiskVolumeSource
pdID string always
fsType string)",
R"(Pod
kind string
apiVersion string
metadata ObjectMeta
spec PodSpec
status PodStatus)",
R"(PodAffinity
requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm)",
R"(PodAffinityTerm
labelSelector *LabelSelector
namespaces []string
topologyKey string always
namespaceSelector *LabelSelector
matchLabelKeys []string
mismatchLabelKeys []string)",
R"(PodAntiAffinity
requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm)",
R"(PodCertificateProjection
signerName string
keyType string
maxExpirationSeconds *int32
credentialBundlePath string
keyPath string
certificateChainPath string)",
R"(PodCondition
type v1.PodConditionType=string always
observedGeneration int64
status v1.ConditionStatus=string always
lastProbeTime time
lastTransitionTime time
reason string
message string)",
R"(PodDNSConfig
nameservers []string
searches []string
options []PodDNSConfigOption)",
R"(PodDNSConfigOption
name string
value *string)",
R"(PodDisruptionBudget
kind string
apiVersion string
metadata ObjectMeta
spec PodDisruptionBudgetSpec
status PodDisruptionBudgetStatus)",
R"(PodDisruptionBudgetSpec
minAvailable *int-or-string
selector *LabelSelector
maxUnavailable *int-or-string
unhealthyPodEvictionPolicy *v1.UnhealthyPodEvictionPolicyType=string)",
R"(PodDisruptionBudgetStatus
observedGeneration int64
disruptedPods {}time
disruptionsAllowed int32 always
currentHealthy int32 always
desiredHealthy int32 always
expectedPods int32 always
conditions []Condition)",
R"(PodExtendedResourceClaimStatus
requestMappings []ContainerExtendedResourceRequest always
resourceClaimName string always)",
R"(PodFailurePolicy
rules []PodFailurePolicyRule always)",
R"(PodFailurePolicyOnExitCodesRequirement
containerName *string
operator v1.PodFailurePolicyOnExitCodesOperator=string always
values []int32 always)",
R"(PodFailurePolicyOnPodConditionsPattern
type v1.PodConditionType=string always
status v1.ConditionStatus=string always)",
R"(PodFailurePolicyRule
action v1.PodFailurePolicyAction=string always
onExitCodes *PodFailurePolicyOnExitCodesRequirement
onPodConditions []PodFailurePolicyOnPodConditionsPattern)",
R"(PodIP
ip string always)",
R"(PodOS
name v1.OSName=string always)",
R"(PodReadinessGate
conditionType v1.PodConditionType=string always)",
R"(PodResourceClaim
name string always
resourceClaimName *string
resourceClaimTemplateName *string)",
R"(PodResourceClaimStatus
name string always
resourceClaimName *string)",
R"(PodSchedulingGate
name string always)",
R"(PodSecurityContext
seLinuxOptions *SELinuxOptions
windowsOptions *WindowsSecurityContextOptions
runAsUser *int64
runAsGroup *int64
runAsNonRoot *bool
supplementalGroups []int64
supplementalGroupsPolicy *v1.SupplementalGroupsPolicy=string
fsGroup *int64
sysctls []Sysctl
fsGroupChangePolicy *v1.PodFSGroupChangePolicy=string
seccompProfile *SeccompProfile
appArmorProfile *AppArmorProfile
seLinuxChangePolicy *v1.PodSELinuxChangePolicy=string)",
R"(PodSpec
volumes []Volume
initContainers []Container
containers []Container always
ephemeralContainers []EphemeralContainer
restartPolicy v1.RestartPolicy=string
terminationGracePeriodSeconds *int64
activeDeadlineSeconds *int64
dnsPolicy v1.DNSPolicy=string
nodeSelector {}string
serviceAccountName string
serviceAccount string
automountServiceAccountToken *bool
nodeName string
hostNetwork bool
hostPID bool
hostIPC bool
shareProcessNamespace *bool
securityContext *PodSecurityContext
imagePullSecrets []LocalObjectReference
hostname string
subdomain string
affinity *Affinity
schedulerName string
tolerations []Toleration
hostAliases []HostAlias
priorityClassName string
priority *int32
dnsConfig *PodDNSConfig
readinessGates []PodReadinessGate
runtimeClassName *string
enableServiceLinks *bool
preemptionPolicy *v1.PreemptionPolicy=string
overhead v1.ResourceList={v1.ResourceName}quantity
topologySpreadConstraints []TopologySpreadConstraint
setHostnameAsFQDN *bool
os *PodOS
hostUsers *bool
schedulingGates []PodSchedulingGate
resourceClaims []PodResourceClaim
resources *ResourceRequirements
hostnameOverride *string)",
R"(PodStatus
observedGeneration int64
phase v1.PodPhase=string
conditions []PodCondition
message string
reason string
nominatedNodeName string
hostIP string
hostIPs []HostIP
podIP string
podIPs []PodIP
startTime *time
initContainerStatuses []ContainerStatus
containerStatuses []ContainerStatus
qosClass v1.PodQOSClass=string
ephemeralContainerStatuses []ContainerStatus
resize v1.PodResizeStatus=string
resourceClaimStatuses []PodResourceClaimStatus
extendedResourceClaimStatus *PodExtendedResourceClaimStatus)",
R"(PodTemplate
kind string
apiVersion string
metadata ObjectMeta
template PodTemplateSpec)",
R"(PodTemplateSpec
metadata ObjectMeta
spec PodSpec)",
R"(PodsMetricSource
metric MetricIdentifier always
target MetricTarget always)",
R"(PodsMetricStatus
metric MetricIdentifier always
current MetricValueStatus always)",
R"(PolicyRule
verbs []string always
apiGroups []string
resources []string
resourceNames []string
nonResourceURLs []string)",
R"(PortStatus
port int32 always
protocol v1.Protocol=string always
error *string)",
R"(PortworxVolumeSource
volumeID string always
fsType string
readOnly bool)",
R"(Preconditions
uid *types.UID=string
resourceVersion *string)",
R"(PreferredSchedulingTerm
weight int32 always
preference NodeSelectorTerm always)",
R"(PriorityClass
kind string
apiVersion string
metadata ObjectMeta
value int32 always
globalDefault bool
description string
preemptionPolicy *v1.PreemptionPolicy=string)",
R"(Probe
exec *ExecAction
httpGet *HTTPGetAction
tcpSocket *TCPSocketAction
grpc *GRPCAction
initialDelaySeconds int32
timeoutSeconds int32
periodSeconds int32
successThreshold int32
failureThreshold int32
terminationGracePeriodSeconds *int64)",
R"(ProjectedVolumeSource
sources []VolumeProjection always
defaultMode *int32)",
R"(QuobyteVolumeSource
registry string always
volume string always
readOnly bool
user string
group string
tenant string)",
R"(RBDPersistentVolumeSource
monitors []string always
image string always
fsType string
pool string
user string
keyring string
secretRef *SecretReference
readOnly bool)",
R"(RBDVolumeSource
monitors []string always
image string always
fsType string
pool string
user string
keyring string
secretRef *LocalObjectReference
readOnly bool)",
R"(ReplicaSet
kind string
apiVersion string
metadata ObjectMeta
spec ReplicaSetSpec
status ReplicaSetStatus)",
R"(ReplicaSetCondition
type v1.ReplicaSetConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(ReplicaSetSpec
replicas *int32
minReadySeconds int32
selector *LabelSelector always
template PodTemplateSpec)",
R"(ReplicaSetStatus
replicas int32 always
fullyLabeledReplicas int32
readyReplicas int32
availableReplicas int32
terminatingReplicas *int32
observedGeneration int64
conditions []ReplicaSetCondition)",
R"(ReplicationController
kind string
apiVersion string
metadata ObjectMeta
spec ReplicationControllerSpec
status ReplicationControllerStatus)",
R"(ReplicationControllerCondition
type v1.ReplicationControllerConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(ReplicationControllerSpec
replicas *int32
minReadySeconds int32
selector {}string
template *PodTemplateSpec)",
R"(ReplicationControllerStatus
replicas int32 always
fullyLabeledReplicas int32
readyReplicas int32
availableReplicas int32
observedGeneration int64
conditions []ReplicationControllerCondition)",
R"(ResourceAttributes
namespace string
verb string
group string
version string
resource string
subresource string
name string
fieldSelector *FieldSelectorAttributes
labelSelector *LabelSelectorAttributes)",
R"(ResourceClaim
name string always
request string)",
R"(ResourceFieldSelector
containerName string
resource string always
divisor quantity)",
R"(ResourceHealth
resourceID v1.ResourceID=string always
health v1.ResourceHealthStatus=string)",
R"(ResourceMetricSource
name v1.ResourceName=string always
target MetricTarget always)",
R"(ResourceMetricStatus
name v1.ResourceName=string always
current MetricValueStatus always)",
R"(ResourceQuota
kind string
apiVersion string
metadata ObjectMeta
spec ResourceQuotaSpec
status ResourceQuotaStatus)",
R"(ResourceQuotaSpec
hard v1.ResourceList={v1.ResourceName}quantity
scopes []v1.ResourceQuotaScope=string
scopeSelector *ScopeSelector)",
R"(ResourceQuotaStatus
hard v1.ResourceList={v1.ResourceName}quantity
used v1.ResourceList={v1.ResourceName}quantity)",
R"(ResourceRequirements
limits v1.ResourceList={v1.ResourceName}quantity
requests v1.ResourceList={v1.ResourceName}quantity
claims []ResourceClaim)",
R"(ResourceRule
verbs []string always
apiGroups []string
resources []string
resourceNames []string)",
R"(ResourceStatus
name v1.ResourceName=string always
resources []ResourceHealth)",
R"(Role
kind string
apiVersion string
metadata ObjectMeta
rules []PolicyRule always)",
R"(RoleBinding
kind string
apiVersion string
metadata ObjectMeta
subjects []Subject
roleRef RoleRef always)",
R"(RoleRef
apiGroup string always
kind string always
name string always)",
R"(RollingUpdateDaemonSet
maxUnavailable *int-or-string
maxSurge *int-or-string)",
R"(RollingUpdateDeployment
maxUnavailable *int-or-string
maxSurge *int-or-string)",
R"(RollingUpdateStatefulSetStrategy
partition *int32
maxUnavailable *int-or-string)",
R"(RuleWithOperations
operations []v1.OperationType=string
apiGroups []string
apiVersions []string
resources []string
scope *v1.ScopeType=string)",
R"(RuntimeClass
kind string
apiVersion string
metadata ObjectMeta
handler string always
overhead *Overhead
scheduling *Scheduling)",
R"(SELinuxOptions
user string
role string
type string
level string)",
R"(Scale
kind string
apiVersion string
metadata ObjectMeta
spec ScaleSpec
status ScaleStatus)",
R"(ScaleIOPersistentVolumeSource
gateway string always
system string always
secretRef *SecretReference always
sslEnabled bool
protectionDomain string
storagePool string
storageMode string
volumeName string
fsType string
readOnly bool)",
R"(ScaleIOVolumeSource
gateway string always
system string always
secretRef *LocalObjectReference always
sslEnabled bool
protectionDomain string
storagePool string
storageMode string
volumeName string
fsType string
readOnly bool)",
R"(ScaleSpec
replicas int32)",
R"(ScaleStatus
replicas int32 always
selector string)",
R"(Scheduling
nodeSelector {}string
tolerations []Toleration)",
R"(ScopeSelector
matchExpressions []ScopedResourceSelectorRequirement)",
R"(ScopedResourceSelectorRequirement
scopeName v1.ResourceQuotaScope=string always
operator v1.ScopeSelectorOperator=string always
values []string)",
R"(SeccompProfile
type v1.SeccompProfileType=string always
localhostProfile *string)",
R"(Secret
kind string
apiVersion string
metadata ObjectMeta
immutable *bool
data {}bytes
stringData {}string
type v1.SecretType=string)",
R"(SecretEnvSource
name string
optional *bool)",
R"(SecretKeySelector
name string
key string always
optional *bool)",
R"(SecretProjection
name string
items []KeyToPath
optional *bool)",
R"(SecretReference
name string
namespace string)",
R"(SecretVolumeSource
secretName string
items []KeyToPath
defaultMode *int32
optional *bool)",
R"(SecurityContext
capabilities *Capabilities
privileged *bool
seLinuxOptions *SELinuxOptions
windowsOptions *WindowsSecurityContextOptions
runAsUser *int64
runAsGroup *int64
runAsNonRoot *bool
readOnlyRootFilesystem *bool
allowPrivilegeEscalation *bool
procMount *v1.ProcMountType=string
seccompProfile *SeccompProfile
appArmorProfile *AppArmorProfile)",
R"(SelectableField
jsonPath string always)",
R"(SelfSubjectAccessReview
kind string
apiVersion string
metadata ObjectMeta
spec SelfSubjectAccessReviewSpec always
status SubjectAccessReviewStatus)",
R"(SelfSubjectAccessReviewSpec
resourceAttributes *ResourceAttributes
nonResourceAttributes *NonResourceAttributes)",
R"(SelfSubjectReview
kind string
apiVersion string
metadata ObjectMeta
status SelfSubjectReviewStatus)",
R"(SelfSubjectReviewStatus
userInfo UserInfo)",
R"(SelfSubjectRulesReview
kind string
apiVersion string
metadata ObjectMeta
spec SelfSubjectRulesReviewSpec always
status SubjectRulesReviewStatus)",
R"(SelfSubjectRulesReviewSpec
namespace string)",
R"(Service
kind string
apiVersion string
metadata ObjectMeta
spec ServiceSpec
status ServiceStatus)",
R"(ServiceAccount
kind string
apiVersion string
metadata ObjectMeta
secrets []ObjectReference
imagePullSecrets []LocalObjectReference
automountServiceAccountToken *bool)",
R"(ServiceAccountTokenProjection
audience string
expirationSeconds *int64
path string always)",
R"(ServiceBackendPort
name string
number int32)",
R"(ServicePort
name string
protocol v1.Protocol=string
appProtocol *string
port int32 always
targetPort int-or-string
nodePort int32)",
R"(ServiceReference
namespace string always
name string always
path *string
port *int32)",
R"(ServiceSpec
ports []ServicePort
selector {}string
clusterIP string
clusterIPs []string
type v1.ServiceType=string
externalIPs []string
sessionAffinity v1.ServiceAffinity=string
loadBalancerIP string
loadBalancerSourceRanges []string
externalName string
externalTrafficPolicy v1.ServiceExternalTrafficPolicy=string
healthCheckNodePort int32
publishNotReadyAddresses bool
sessionAffinityConfig *SessionAffinityConfig
ipFamilies []v1.IPFamily=string
ipFamilyPolicy *v1.IPFamilyPolicy=string
allocateLoadBalancerNodePorts *bool
loadBalancerClass *string
internalTrafficPolicy *v1.ServiceInternalTrafficPolicy=string
trafficDistribution *string)",
R"(ServiceStatus
loadBalancer LoadBalancerStatus
conditions []Condition)",
R"(SessionAffinityConfig
clientIP *ClientIPConfig)",
R"(SleepAction
seconds int64 always)",
R"(StatefulSet
kind string
apiVersion string
metadata ObjectMeta
spec StatefulSetSpec
status StatefulSetStatus)",
R"(StatefulSetCondition
type v1.StatefulSetConditionType=string always
status v1.ConditionStatus=string always
lastTransitionTime time
reason string
message string)",
R"(StatefulSetOrdinals
start int32 always)",
R"(StatefulSetPersistentVolumeClaimRetentionPolicy
whenDeleted v1.PersistentVolumeClaimRetentionPolicyType=string
whenScaled v1.PersistentVolumeClaimRetentionPolicyType=string)",
R"(StatefulSetSpec
replicas *int32
selector *LabelSelector always
template PodTemplateSpec always
volumeClaimTemplates []PersistentVolumeClaim
serviceName string always
podManagementPolicy v1.PodManagementPolicyType=string
updateStrategy StatefulSetUpdateStrategy
revisionHistoryLimit *int32
minReadySeconds int32
persistentVolumeClaimRetentionPolicy *StatefulSetPersistentVolumeClaimRetentionPolicy
ordinals *StatefulSetOrdinals)",
R"(StatefulSetStatus
observedGeneration int64
replicas int32 always
readyReplicas int32
currentReplicas int32
updatedReplicas int32
currentRevision string
updateRevision string
collisionCount *int32
conditions []StatefulSetCondition
availableReplicas int32 always)",
R"(StatefulSetUpdateStrategy
type v1.StatefulSetUpdateStrategyType=string
rollingUpdate *RollingUpdateStatefulSetStrategy)",
R"(Status
kind string
apiVersion string
metadata ListMeta
status string
message string
reason v1.StatusReason=string
details *StatusDetails
code int32)",
R"(StatusCause
reason v1.CauseType=string
message string
field string)",
R"(StatusDetails
name string
group string
kind string
uid types.UID=string
causes []StatusCause
retryAfterSeconds int32)",
R"(StorageClass
kind string
apiVersion string
metadata ObjectMeta
provisioner string always
parameters {}string
reclaimPolicy *v1.PersistentVolumeReclaimPolicy=string
mountOptions []string
allowVolumeExpansion *bool
volumeBindingMode *v1.VolumeBindingMode=string
allowedTopologies []TopologySelectorTerm)",
R"(StorageOSPersistentVolumeSource
volumeName string
volumeNamespace string
fsType string
readOnly bool
secretRef *ObjectReference)",
R"(StorageOSVolumeSource
volumeName string
volumeNamespace string
fsType string
readOnly bool
secretRef *LocalObjectReference)",
R"(Subject
kind string always
apiGroup string
name string always
namespace string)",
R"(SubjectAccessReview
kind string
apiVersion string
metadata ObjectMeta
spec SubjectAccessReviewSpec always
status SubjectAccessReviewStatus)",
R"(SubjectAccessReviewSpec
resourceAttributes *ResourceAttributes
nonResourceAttributes *NonResourceAttributes
user string
groups []string
extra {}v1.ExtraValue=[]string
uid string)",
R"(SubjectAccessReviewStatus
allowed bool always
denied bool
reason string
evaluationError string)",
R"(SubjectRulesReviewStatus
resourceRules []ResourceRule always
nonResourceRules []NonResourceRule always
incomplete bool always
evaluationError string)",
R"(SuccessPolicy
rules []SuccessPolicyRule always)",
R"(SuccessPolicyRule
succeededIndexes *string
succeededCount *int32)",
R"(Sysctl
name string always
value string always)",
R"(TCPSocketAction
port int-or-string always
host string)",
R"(Taint
key string always
value string
effect v1.TaintEffect=string always
timeAdded *time)",
R"(TokenRequest
kind string
apiVersion string
metadata ObjectMeta
spec TokenRequestSpec always
status TokenRequestStatus)",
R"(TokenRequestSpec
audiences []string always
expirationSeconds *int64 always
boundObjectRef *BoundObjectReference always)",
R"(TokenRequestStatus
token string always
expirationTimestamp time always)",
R"(TokenReview
kind string
apiVersion string
metadata ObjectMeta
spec TokenReviewSpec always
status TokenReviewStatus)",
R"(TokenReviewSpec
token string
audiences []string)",
R"(TokenReviewStatus
authenticated bool
user UserInfo
audiences []string
error string)",
R"(Toleration
key string
operator v1.TolerationOperator=string
value string
effect v1.TaintEffect=string
tolerationSeconds *int64)",
R"(TopologySelectorLabelRequirement
key string always
values []string always)",
R"(TopologySelectorTerm
matchLabelExpressions []TopologySelectorLabelRequirement)",
R"(TopologySpreadConstraint
maxSkew int32 always
topologyKey string always
whenUnsatisfiable v1.UnsatisfiableConstraintAction=string always
labelSelector *LabelSelector
minDomains *int32
nodeAffinityPolicy *v1.NodeInclusionPolicy=string
nodeTaintsPolicy *v1.NodeInclusionPolicy=string
matchLabelKeys []string)",
R"(TypedLocalObjectReference
apiGroup *string always
kind string always
name string always)",
R"(TypedObjectReference
apiGroup *string always
kind string always
name string always
namespace *string)",
R"(UncountedTerminatedPods
succeeded []types.UID=string
failed []types.UID=string)",
R"(UserInfo
username string
uid string
groups []string
extra {}v1.ExtraValue=[]string)",
R"(ValidatingWebhook
name string always
clientConfig WebhookClientConfig always
rules []RuleWithOperations
failurePolicy *v1.FailurePolicyType=string
matchPolicy *v1.MatchPolicyType=string
namespaceSelector *LabelSelector
objectSelector *LabelSelector
sideEffects *v1.SideEffectClass=string always
timeoutSeconds *int32
admissionReviewVersions []string always
matchConditions []MatchCondition)",
R"(ValidatingWebhookConfiguration
kind string
apiVersion string
metadata ObjectMeta
webhooks []ValidatingWebhook)",
R"(ValidationRule
rule string always
message string
messageExpression string
reason *v1.FieldValueErrorReason=string
fieldPath string
optionalOldSelf *bool)",
R"(Volume
name string always
hostPath *HostPathVolumeSource
emptyDir *EmptyDirVolumeSource
gcePersistentDisk *GCEPersistentDiskVolumeSource
awsElasticBlockStore *AWSElasticBlockStoreVolumeSource
gitRepo *GitRepoVolumeSource
secret *SecretVolumeSource
nfs *NFSVolumeSource
iscsi *ISCSIVolumeSource
glusterfs *GlusterfsVolumeSource
persistentVolumeClaim *PersistentVolumeClaimVolumeSource
rbd *RBDVolumeSource
flexVolume *FlexVolumeSource
cinder *CinderVolumeSource
cephfs *CephFSVolumeSource
flocker *FlockerVolumeSource
downwardAPI *DownwardAPIVolumeSource
fc *FCVolumeSource
azureFile *AzureFileVolumeSource
configMap *ConfigMapVolumeSource
vsphereVolume *VsphereVirtualDiskVolumeSource
quobyte *QuobyteVolumeSource
azureDisk *AzureDiskVolumeSource
photonPersistentDisk *PhotonPersistentDiskVolumeSource
projected *ProjectedVolumeSource
portworxVolume *PortworxVolumeSource
scaleIO *ScaleIOVolumeSource
storageos *StorageOSVolumeSource
csi *CSIVolumeSource
ephemeral *EphemeralVolumeSource
image *ImageVolumeSource)",
R"(VolumeDevice
name string always
devicePath string always)",
R"(VolumeMount
name string always
readOnly bool
recursiveReadOnly *v1.RecursiveReadOnlyMode=string
mountPath string always
subPath string
mountPropagation *v1.MountPropagationMode=string
subPathExpr string)",
R"(VolumeMountStatus
name string always
mountPath string always
readOnly bool
recursiveReadOnly *v1.RecursiveReadOnlyMode=string)",
R"(VolumeNodeAffinity
required *NodeSelector)",
R"(VolumeProjection
secret *SecretProjection
downwardAPI *DownwardAPIProjection
configMap *ConfigMapProjection
serviceAccountToken *ServiceAccountTokenProjection
clusterTrustBundle *ClusterTrustBundleProjection
podCertificate *PodCertificateProjection)",
R"(VolumeResourceRequirements
limits v1.ResourceList={v1.ResourceName}quantity
requests v1.ResourceList={v1.ResourceName}quantity)",
R"(VsphereVirtualDiskVolumeSource
volumePath string always
fsType string
storagePolicyName string
storagePolicyID string)",
R"(WebhookClientConfig
url *string
service *ServiceReference
caBundle bytes)",
R"(WebhookConversion
clientConfig *apiextensions.WebhookClientConfig
conversionReviewVersions []string always)",
R"(WeightedPodAffinityTerm
weight int32 always
podAffinityTerm PodAffinityTerm always)",
R"(WindowsSecurityContextOptions
gmsaCredentialSpecName *string
gmsaCredentialSpec *string
runAsUserName *string
hostProcess *bool)",
R"(apiextensions.ServiceReference
namespace string always
name string always
path *string
port *int32)",
R"(apiextensions.WebhookClientConfig
url *string
service *apiextensions.ServiceReference
caBundle bytes)",
R"(core.EndpointPort
name string
port int32 always
protocol v1.Protocol=string
appProtocol *string)",
R"(events.Event
kind string
apiVersion string
metadata ObjectMeta always
eventTime micro-time always
series *events.EventSeries
reportingController string
reportingInstance string
action string
reason string
regarding ObjectReference
related *ObjectReference
note string
type string
deprecatedSource EventSource
deprecatedFirstTimestamp time
deprecatedLastTimestamp time
deprecatedCount int32)",
R"(events.EventSeries
count int32 always
lastObservedTime micro-time always)",
};

}  // namespace

std::span<const std::string_view> struct_texts() { return kStructs; }

}  // namespace kthena::apiserver
