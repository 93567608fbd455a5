// Written by tools/kube_shapes.py from a server's OpenAPI documents; its grammar is in shape.h.
#include "kube/shapes/table.h"

// clang-format off

namespace kthena::kube::shapes {

namespace {

constexpr std::string_view kTypes[] = {
R"(AWSElasticBlockStoreVolumeSource io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource
fsType string
partition int32
readOnly boolean
volumeID string required)",
R"(Affinity io.k8s.api.core.v1.Affinity
nodeAffinity NodeAffinity
podAffinity PodAffinity
podAntiAffinity PodAntiAffinity)",
R"(AggregationRule io.k8s.api.rbac.v1.AggregationRule
clusterRoleSelectors [LabelSelector] atomic)",
R"(AppArmorProfile io.k8s.api.core.v1.AppArmorProfile
localhostProfile string
type string required enum=Localhost|RuntimeDefault|Unconfined)",
R"(AttachedVolume io.k8s.api.core.v1.AttachedVolume
devicePath string required
name string required)",
R"(AzureDiskVolumeSource io.k8s.api.core.v1.AzureDiskVolumeSource
cachingMode string default="ReadWrite" enum=None|ReadOnly|ReadWrite
diskName string required
diskURI string required
fsType string default="ext4"
kind string default="Shared" enum=Dedicated|Managed|Shared
readOnly boolean default=false)",
R"(AzureFilePersistentVolumeSource io.k8s.api.core.v1.AzureFilePersistentVolumeSource
readOnly boolean
secretName string required
secretNamespace string
shareName string required)",
R"(AzureFileVolumeSource io.k8s.api.core.v1.AzureFileVolumeSource
readOnly boolean
secretName string required
shareName string required)",
R"(Binding io.k8s.api.core.v1.Binding kind=v1/Binding
apiVersion string
kind string
metadata ObjectMeta always
target ObjectReference required always)",
R"(BoundObjectReference io.k8s.api.authentication.v1.BoundObjectReference
apiVersion string
kind string
name string
uid string)",
R"(CSIPersistentVolumeSource io.k8s.api.core.v1.CSIPersistentVolumeSource
controllerExpandSecretRef SecretReference
controllerPublishSecretRef SecretReference
driver string required
fsType string
nodeExpandSecretRef SecretReference
nodePublishSecretRef SecretReference
nodeStageSecretRef SecretReference
readOnly boolean
volumeAttributes {string}
volumeHandle string required)",
R"(CSIVolumeSource io.k8s.api.core.v1.CSIVolumeSource
driver string required
fsType string
nodePublishSecretRef LocalObjectReference
readOnly boolean
volumeAttributes {string})",
R"(Capabilities io.k8s.api.core.v1.Capabilities
add [string] atomic
drop [string] atomic)",
R"(CephFSPersistentVolumeSource io.k8s.api.core.v1.CephFSPersistentVolumeSource
monitors [string] required atomic
path string
readOnly boolean
secretFile string
secretRef SecretReference
user string)",
R"(CephFSVolumeSource io.k8s.api.core.v1.CephFSVolumeSource
monitors [string] required atomic
path string
readOnly boolean
secretFile string
secretRef LocalObjectReference
user string)",
R"(CinderPersistentVolumeSource io.k8s.api.core.v1.CinderPersistentVolumeSource
fsType string
readOnly boolean
secretRef SecretReference
volumeID string required)",
R"(CinderVolumeSource io.k8s.api.core.v1.CinderVolumeSource
fsType string
readOnly boolean
secretRef LocalObjectReference
volumeID string required)",
R"(ClientIPConfig io.k8s.api.core.v1.ClientIPConfig
timeoutSeconds int32)",
R"(ClusterRole io.k8s.api.rbac.v1.ClusterRole kind=rbac.authorization.k8s.io/v1/ClusterRole
aggregationRule AggregationRule
apiVersion string
kind string
metadata ObjectMeta always
rules [PolicyRule] atomic)",
R"(ClusterRoleBinding io.k8s.api.rbac.v1.ClusterRoleBinding kind=rbac.authorization.k8s.io/v1/ClusterRoleBinding
apiVersion string
kind string
metadata ObjectMeta always
roleRef RoleRef required always
subjects [Subject] atomic)",
R"(ClusterTrustBundleProjection io.k8s.api.core.v1.ClusterTrustBundleProjection
labelSelector LabelSelector
name string
optional boolean
path string required
signerName string)",
R"(Condition io.k8s.apimachinery.pkg.apis.meta.v1.Condition
lastTransitionTime date-time required
message string required
observedGeneration int64
reason string required
status string required
type string required)",
R"(ConfigMap io.k8s.api.core.v1.ConfigMap kind=v1/ConfigMap
apiVersion string
binaryData {byte}
data {string}
immutable boolean
kind string
metadata ObjectMeta always)",
R"(ConfigMapEnvSource io.k8s.api.core.v1.ConfigMapEnvSource atomic-in-crds
name string default=""
optional boolean)",
R"(ConfigMapKeySelector io.k8s.api.core.v1.ConfigMapKeySelector atomic
key string required
name string default=""
optional boolean)",
R"(ConfigMapNodeConfigSource io.k8s.api.core.v1.ConfigMapNodeConfigSource
kubeletConfigKey string required
name string required
namespace string required
resourceVersion string
uid string)",
R"(ConfigMapProjection io.k8s.api.core.v1.ConfigMapProjection atomic-in-crds
items [KeyToPath] atomic
name string default=""
optional boolean)",
R"(ConfigMapVolumeSource io.k8s.api.core.v1.ConfigMapVolumeSource atomic-in-crds
defaultMode int32
items [KeyToPath] atomic
name string default=""
optional boolean)",
R"(Container io.k8s.api.core.v1.Container
args [string] atomic
command [string] atomic
env [EnvVar] keys=name patch=merge:name
envFrom [EnvFromSource] atomic
image string
imagePullPolicy string enum=Always|IfNotPresent|Never
lifecycle Lifecycle
livenessProbe Probe
name string required
ports [ContainerPort] keys=containerPort,protocol patch=merge:containerPort
readinessProbe Probe
resizePolicy [ContainerResizePolicy] atomic
resources ResourceRequirements always
restartPolicy string
restartPolicyRules [ContainerRestartRule] atomic
securityContext SecurityContext
startupProbe Probe
stdin boolean
stdinOnce boolean
terminationMessagePath string
terminationMessagePolicy string enum=FallbackToLogsOnError|File
tty boolean
volumeDevices [VolumeDevice] keys=devicePath patch=merge:devicePath
volumeMounts [VolumeMount] keys=mountPath patch=merge:mountPath
workingDir string)",
R"(ContainerExtendedResourceRequest io.k8s.api.core.v1.ContainerExtendedResourceRequest
containerName string required
requestName string required
resourceName string required)",
R"(ContainerImage io.k8s.api.core.v1.ContainerImage
names [string] atomic
sizeBytes int64)",
R"(ContainerPort io.k8s.api.core.v1.ContainerPort
containerPort int32 required
hostIP string
hostPort int32
name string
protocol string default="TCP" enum=SCTP|TCP|UDP)",
R"(ContainerResizePolicy io.k8s.api.core.v1.ContainerResizePolicy
resourceName string required
restartPolicy string required)",
R"(ContainerResourceMetricSource io.k8s.api.autoscaling.v2.ContainerResourceMetricSource
container string required
name string required
target MetricTarget required always)",
R"(ContainerResourceMetricStatus io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus
container string required
current MetricValueStatus required always
name string required)",
R"(ContainerRestartRule io.k8s.api.core.v1.ContainerRestartRule
action string required
exitCodes ContainerRestartRuleOnExitCodes)",
R"(ContainerRestartRuleOnExitCodes io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes
operator string required
values [int32] set)",
R"(ContainerState io.k8s.api.core.v1.ContainerState
running ContainerStateRunning
terminated ContainerStateTerminated
waiting ContainerStateWaiting)",
R"(ContainerStateRunning io.k8s.api.core.v1.ContainerStateRunning
startedAt date-time always)",
R"(ContainerStateTerminated io.k8s.api.core.v1.ContainerStateTerminated
containerID string
exitCode int32 required
finishedAt date-time always
message string
reason string
signal int32
startedAt date-time always)",
R"(ContainerStateWaiting io.k8s.api.core.v1.ContainerStateWaiting
message string
reason string)",
R"(ContainerStatus io.k8s.api.core.v1.ContainerStatus
allocatedResources {quantity}
allocatedResourcesStatus [ResourceStatus] keys=name patch=merge:name
containerID string
image string required
imageID string required
lastState ContainerState always
name string required
ready boolean required
resources ResourceRequirements
restartCount int32 required
started boolean
state ContainerState always
stopSignal string enum=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
user ContainerUser
volumeMounts [VolumeMountStatus] keys=mountPath patch=merge:mountPath)",
R"(ContainerUser io.k8s.api.core.v1.ContainerUser
linux LinuxContainerUser)",
R"(ControllerRevision io.k8s.api.apps.v1.ControllerRevision kind=apps/v1/ControllerRevision
apiVersion string
data any
kind string
metadata ObjectMeta always
revision int64 required)",
R"(CronJob io.k8s.api.batch.v1.CronJob kind=batch/v1/CronJob
apiVersion string
kind string
metadata ObjectMeta always
spec CronJobSpec always
status CronJobStatus always)",
R"(CronJobSpec io.k8s.api.batch.v1.CronJobSpec
concurrencyPolicy string enum=Allow|Forbid|Replace
failedJobsHistoryLimit int32
jobTemplate JobTemplateSpec required always
schedule string required
startingDeadlineSeconds int64
successfulJobsHistoryLimit int32
suspend boolean
timeZone string)",
R"(CronJobStatus io.k8s.api.batch.v1.CronJobStatus
active [ObjectReference] atomic
lastScheduleTime date-time
lastSuccessfulTime date-time)",
R"(CrossVersionObjectReference io.k8s.api.autoscaling.v2.CrossVersionObjectReference
apiVersion string
kind string required
name string required)",
R"(CustomResourceColumnDefinition io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition
description string
format string
jsonPath string required
name string required
priority int32
type string required)",
R"(CustomResourceConversion io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion
strategy string required
webhook WebhookConversion)",
R"(CustomResourceDefinition io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition kind=apiextensions.k8s.io/v1/CustomResourceDefinition
apiVersion string
kind string
metadata ObjectMeta always
spec CustomResourceDefinitionSpec required always
status CustomResourceDefinitionStatus always)",
R"(CustomResourceDefinitionCondition io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(CustomResourceDefinitionNames io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames
categories [string] atomic
kind string required
listKind string
plural string required
shortNames [string] atomic
singular string)",
R"(CustomResourceDefinitionSpec io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec
conversion CustomResourceConversion
group string required
names CustomResourceDefinitionNames required always
preserveUnknownFields boolean
scope string required
versions [CustomResourceDefinitionVersion] required atomic)",
R"(CustomResourceDefinitionStatus io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus
acceptedNames CustomResourceDefinitionNames always
conditions [CustomResourceDefinitionCondition] keys=type
storedVersions [string] atomic)",
R"(CustomResourceDefinitionVersion io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion
additionalPrinterColumns [CustomResourceColumnDefinition] atomic
deprecated boolean
deprecationWarning string
name string required
schema CustomResourceValidation
selectableFields [SelectableField] atomic
served boolean required
storage boolean required
subresources CustomResourceSubresources)",
R"(CustomResourceSubresourceScale io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale
labelSelectorPath string
specReplicasPath string required
statusReplicasPath string required)",
R"(CustomResourceSubresourceStatus io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus)",
R"(CustomResourceSubresources io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources
scale CustomResourceSubresourceScale
status CustomResourceSubresourceStatus)",
R"(CustomResourceValidation io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation
openAPIV3Schema JSONSchemaProps)",
R"(DaemonEndpoint io.k8s.api.core.v1.DaemonEndpoint
Port int32 required)",
R"(DaemonSet io.k8s.api.apps.v1.DaemonSet kind=apps/v1/DaemonSet
apiVersion string
kind string
metadata ObjectMeta always
spec DaemonSetSpec always
status DaemonSetStatus always)",
R"(DaemonSetCondition io.k8s.api.apps.v1.DaemonSetCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(DaemonSetSpec io.k8s.api.apps.v1.DaemonSetSpec
minReadySeconds int32
revisionHistoryLimit int32
selector LabelSelector required
template PodTemplateSpec required always
updateStrategy DaemonSetUpdateStrategy always)",
R"(DaemonSetStatus io.k8s.api.apps.v1.DaemonSetStatus
collisionCount int32
conditions [DaemonSetCondition] keys=type patch=merge:type
currentNumberScheduled int32 required
desiredNumberScheduled int32 required
numberAvailable int32
numberMisscheduled int32 required
numberReady int32 required
numberUnavailable int32
observedGeneration int64
updatedNumberScheduled int32)",
R"(DaemonSetUpdateStrategy io.k8s.api.apps.v1.DaemonSetUpdateStrategy
rollingUpdate RollingUpdateDaemonSet
type string enum=OnDelete|RollingUpdate)",
R"(DeleteOptions io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions
apiVersion string
dryRun [string] atomic
gracePeriodSeconds int64
ignoreStoreReadErrorWithClusterBreakingPotential boolean
kind string
orphanDependents boolean
preconditions Preconditions
propagationPolicy string)",
R"(Deployment io.k8s.api.apps.v1.Deployment kind=apps/v1/Deployment
apiVersion string
kind string
metadata ObjectMeta always
spec DeploymentSpec always
status DeploymentStatus always)",
R"(DeploymentCondition io.k8s.api.apps.v1.DeploymentCondition
lastTransitionTime date-time always
lastUpdateTime date-time always
message string
reason string
status string required
type string required)",
R"(DeploymentSpec io.k8s.api.apps.v1.DeploymentSpec
minReadySeconds int32
paused boolean
progressDeadlineSeconds int32
replicas int32
revisionHistoryLimit int32
selector LabelSelector required
strategy DeploymentStrategy always patch=retainKeys
template PodTemplateSpec required always)",
R"(DeploymentStatus io.k8s.api.apps.v1.DeploymentStatus
availableReplicas int32
collisionCount int32
conditions [DeploymentCondition] keys=type patch=merge:type
observedGeneration int64
readyReplicas int32
replicas int32
terminatingReplicas int32
unavailableReplicas int32
updatedReplicas int32)",
R"(DeploymentStrategy io.k8s.api.apps.v1.DeploymentStrategy
rollingUpdate RollingUpdateDeployment
type string enum=Recreate|RollingUpdate)",
R"(DownwardAPIProjection io.k8s.api.core.v1.DownwardAPIProjection
items [DownwardAPIVolumeFile] atomic)",
R"(DownwardAPIVolumeFile io.k8s.api.core.v1.DownwardAPIVolumeFile
fieldRef ObjectFieldSelector
mode int32
path string required
resourceFieldRef ResourceFieldSelector)",
R"(DownwardAPIVolumeSource io.k8s.api.core.v1.DownwardAPIVolumeSource
defaultMode int32
items [DownwardAPIVolumeFile] atomic)",
R"(EmptyDirVolumeSource io.k8s.api.core.v1.EmptyDirVolumeSource
medium string
sizeLimit quantity)",
R"(Endpoint io.k8s.api.discovery.v1.Endpoint
addresses [string] required set
conditions EndpointConditions always
deprecatedTopology {string}
hints EndpointHints
hostname string
nodeName string
targetRef ObjectReference
zone string)",
R"(EndpointAddress io.k8s.api.core.v1.EndpointAddress atomic
hostname string
ip string required
nodeName string
targetRef ObjectReference)",
R"(EndpointConditions io.k8s.api.discovery.v1.EndpointConditions
ready boolean
serving boolean
terminating boolean)",
R"(EndpointHints io.k8s.api.discovery.v1.EndpointHints
forNodes [ForNode] atomic
forZones [ForZone] atomic)",
R"(EndpointPort io.k8s.api.discovery.v1.EndpointPort atomic
appProtocol string
name string
port int32
protocol string enum=SCTP|TCP|UDP)",
R"(EndpointSlice io.k8s.api.discovery.v1.EndpointSlice kind=discovery.k8s.io/v1/EndpointSlice
addressType string required enum=FQDN|IPv4|IPv6
apiVersion string
endpoints [Endpoint] required atomic
kind string
metadata ObjectMeta always
ports [EndpointPort] atomic)",
R"(EndpointSubset io.k8s.api.core.v1.EndpointSubset
addresses [EndpointAddress] atomic
notReadyAddresses [EndpointAddress] atomic
ports [core.EndpointPort] atomic)",
R"(Endpoints io.k8s.api.core.v1.Endpoints kind=v1/Endpoints
apiVersion string
kind string
metadata ObjectMeta always
subsets [EndpointSubset] atomic)",
R"(EnvFromSource io.k8s.api.core.v1.EnvFromSource
configMapRef ConfigMapEnvSource
prefix string
secretRef SecretEnvSource)",
R"(EnvVar io.k8s.api.core.v1.EnvVar
name string required
value string
valueFrom EnvVarSource)",
R"(EnvVarSource io.k8s.api.core.v1.EnvVarSource
configMapKeyRef ConfigMapKeySelector
fieldRef ObjectFieldSelector
fileKeyRef FileKeySelector
resourceFieldRef ResourceFieldSelector
secretKeyRef SecretKeySelector)",
R"(EphemeralContainer io.k8s.api.core.v1.EphemeralContainer
args [string] atomic
command [string] atomic
env [EnvVar] keys=name patch=merge:name
envFrom [EnvFromSource] atomic
image string
imagePullPolicy string enum=Always|IfNotPresent|Never
lifecycle Lifecycle
livenessProbe Probe
name string required
ports [ContainerPort] keys=containerPort,protocol patch=merge:containerPort
readinessProbe Probe
resizePolicy [ContainerResizePolicy] atomic
resources ResourceRequirements always
restartPolicy string
restartPolicyRules [ContainerRestartRule] atomic
securityContext SecurityContext
startupProbe Probe
stdin boolean
stdinOnce boolean
targetContainerName string
terminationMessagePath string
terminationMessagePolicy string enum=FallbackToLogsOnError|File
tty boolean
volumeDevices [VolumeDevice] keys=devicePath patch=merge:devicePath
volumeMounts [VolumeMount] keys=mountPath patch=merge:mountPath
workingDir string)",
R"(EphemeralVolumeSource io.k8s.api.core.v1.EphemeralVolumeSource
volumeClaimTemplate PersistentVolumeClaimTemplate)",
R"(Event io.k8s.api.core.v1.Event kind=v1/Event
action string
apiVersion string
count int32
eventTime date-time always
firstTimestamp date-time always
involvedObject ObjectReference required always
kind string
lastTimestamp date-time always
message string
metadata ObjectMeta required always
reason string
related ObjectReference
reportingComponent string default=""
reportingInstance string default=""
series EventSeries
source EventSource always
type string)",
R"(EventSeries io.k8s.api.core.v1.EventSeries
count int32
lastObservedTime date-time always)",
R"(EventSource io.k8s.api.core.v1.EventSource
component string
host string)",
R"(Eviction io.k8s.api.policy.v1.Eviction kind=policy/v1/Eviction
apiVersion string
deleteOptions DeleteOptions
kind string
metadata ObjectMeta always)",
R"(ExecAction io.k8s.api.core.v1.ExecAction
command [string] atomic)",
R"(ExternalDocumentation io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation
description string
url string)",
R"(ExternalMetricSource io.k8s.api.autoscaling.v2.ExternalMetricSource
metric MetricIdentifier required always
target MetricTarget required always)",
R"(ExternalMetricStatus io.k8s.api.autoscaling.v2.ExternalMetricStatus
current MetricValueStatus required always
metric MetricIdentifier required always)",
R"(FCVolumeSource io.k8s.api.core.v1.FCVolumeSource
fsType string
lun int32
readOnly boolean
targetWWNs [string] atomic
wwids [string] atomic)",
R"(FieldSelectorAttributes io.k8s.api.authorization.v1.FieldSelectorAttributes
rawSelector string
requirements [FieldSelectorRequirement] atomic)",
R"(FieldSelectorRequirement io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement
key string required
operator string required
values [string] atomic)",
R"(FileKeySelector io.k8s.api.core.v1.FileKeySelector atomic
key string required
optional boolean default=false
path string required
volumeName string required)",
R"(FlexPersistentVolumeSource io.k8s.api.core.v1.FlexPersistentVolumeSource
driver string required
fsType string
options {string}
readOnly boolean
secretRef SecretReference)",
R"(FlexVolumeSource io.k8s.api.core.v1.FlexVolumeSource
driver string required
fsType string
options {string}
readOnly boolean
secretRef LocalObjectReference)",
R"(FlockerVolumeSource io.k8s.api.core.v1.FlockerVolumeSource
datasetName string
datasetUUID string)",
R"(ForNode io.k8s.api.discovery.v1.ForNode
name string required)",
R"(ForZone io.k8s.api.discovery.v1.ForZone
name string required)",
R"(GCEPersistentDiskVolumeSource io.k8s.api.core.v1.GCEPersistentDiskVolumeSource
fsType string
partition int32
pdName string required
readOnly boolean)",
R"(GRPCAction io.k8s.api.core.v1.GRPCAction
port int32 required
service string default="")",
R"(GitRepoVolumeSource io.k8s.api.core.v1.GitRepoVolumeSource
directory string
repository string required
revision string)",
R"(GlusterfsPersistentVolumeSource io.k8s.api.core.v1.GlusterfsPersistentVolumeSource
endpoints string required
endpointsNamespace string
path string required
readOnly boolean)",
R"(GlusterfsVolumeSource io.k8s.api.core.v1.GlusterfsVolumeSource
endpoints string required
path string required
readOnly boolean)",
R"(HPAScalingPolicy io.k8s.api.autoscaling.v2.HPAScalingPolicy
periodSeconds int32 required
type string required
value int32 required)",
R"(HPAScalingRules io.k8s.api.autoscaling.v2.HPAScalingRules
policies [HPAScalingPolicy] atomic
selectPolicy string
stabilizationWindowSeconds int32
tolerance quantity)",
R"(HTTPGetAction io.k8s.api.core.v1.HTTPGetAction
host string
httpHeaders [HTTPHeader] atomic
path string
port int-or-string required
scheme string enum=HTTP|HTTPS)",
R"(HTTPHeader io.k8s.api.core.v1.HTTPHeader
name string required
value string required)",
R"(HTTPIngressPath io.k8s.api.networking.v1.HTTPIngressPath
backend IngressBackend required always
path string
pathType string required enum=Exact|ImplementationSpecific|Prefix)",
R"(HTTPIngressRuleValue io.k8s.api.networking.v1.HTTPIngressRuleValue
paths [HTTPIngressPath] required atomic)",
R"(HorizontalPodAutoscaler io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler kind=autoscaling/v2/HorizontalPodAutoscaler
apiVersion string
kind string
metadata ObjectMeta always
spec HorizontalPodAutoscalerSpec always
status HorizontalPodAutoscalerStatus always)",
R"(HorizontalPodAutoscalerBehavior io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior
scaleDown HPAScalingRules
scaleUp HPAScalingRules)",
R"(HorizontalPodAutoscalerCondition io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(HorizontalPodAutoscalerSpec io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec
behavior HorizontalPodAutoscalerBehavior
maxReplicas int32 required
metrics [MetricSpec] atomic
minReplicas int32
scaleTargetRef CrossVersionObjectReference required always)",
R"(HorizontalPodAutoscalerStatus io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus
conditions [HorizontalPodAutoscalerCondition] keys=type patch=merge:type
currentMetrics [MetricStatus] atomic
currentReplicas int32
desiredReplicas int32 required
lastScaleTime date-time
observedGeneration int64)",
R"(HostAlias io.k8s.api.core.v1.HostAlias
hostnames [string] atomic
ip string required)",
R"(HostIP io.k8s.api.core.v1.HostIP
ip string required)",
R"(HostPathVolumeSource io.k8s.api.core.v1.HostPathVolumeSource
path string required
type string enum=|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket)",
R"(IPBlock io.k8s.api.networking.v1.IPBlock
cidr string required
except [string] atomic)",
R"(ISCSIPersistentVolumeSource io.k8s.api.core.v1.ISCSIPersistentVolumeSource
chapAuthDiscovery boolean
chapAuthSession boolean
fsType string
initiatorName string
iqn string required
iscsiInterface string default="default"
lun int32 required
portals [string] atomic
readOnly boolean
secretRef SecretReference
targetPortal string required)",
R"(ISCSIVolumeSource io.k8s.api.core.v1.ISCSIVolumeSource
chapAuthDiscovery boolean
chapAuthSession boolean
fsType string
initiatorName string
iqn string required
iscsiInterface string default="default"
lun int32 required
portals [string] atomic
readOnly boolean
secretRef LocalObjectReference
targetPortal string required)",
R"(ImageVolumeSource io.k8s.api.core.v1.ImageVolumeSource
pullPolicy string enum=Always|IfNotPresent|Never
reference string)",
R"(Ingress io.k8s.api.networking.v1.Ingress kind=networking.k8s.io/v1/Ingress
apiVersion string
kind string
metadata ObjectMeta always
spec IngressSpec always
status IngressStatus always)",
R"(IngressBackend io.k8s.api.networking.v1.IngressBackend
resource TypedLocalObjectReference
service IngressServiceBackend)",
R"(IngressLoadBalancerIngress io.k8s.api.networking.v1.IngressLoadBalancerIngress
hostname string
ip string
ports [IngressPortStatus] atomic)",
R"(IngressLoadBalancerStatus io.k8s.api.networking.v1.IngressLoadBalancerStatus
ingress [IngressLoadBalancerIngress] atomic)",
R"(IngressPortStatus io.k8s.api.networking.v1.IngressPortStatus
error string
port int32 required
protocol string required enum=SCTP|TCP|UDP)",
R"(IngressRule io.k8s.api.networking.v1.IngressRule
host string
http HTTPIngressRuleValue)",
R"(IngressServiceBackend io.k8s.api.networking.v1.IngressServiceBackend
name string required
port ServiceBackendPort always)",
R"(IngressSpec io.k8s.api.networking.v1.IngressSpec
defaultBackend IngressBackend
ingressClassName string
rules [IngressRule] atomic
tls [IngressTLS] atomic)",
R"(IngressStatus io.k8s.api.networking.v1.IngressStatus
loadBalancer IngressLoadBalancerStatus always)",
R"(IngressTLS io.k8s.api.networking.v1.IngressTLS
hosts [string] atomic
secretName string)",
R"(JSONSchemaProps io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps
$ref string
$schema string
additionalItems any
additionalProperties any
allOf [JSONSchemaProps] atomic
anyOf [JSONSchemaProps] atomic
default any
definitions {JSONSchemaProps}
dependencies {any}
description string
enum [any] atomic
example any
exclusiveMaximum boolean
exclusiveMinimum boolean
externalDocs ExternalDocumentation
format string
id string
items any
maxItems int64
maxLength int64
maxProperties int64
maximum number
minItems int64
minLength int64
minProperties int64
minimum number
multipleOf number
not JSONSchemaProps
nullable boolean
oneOf [JSONSchemaProps] atomic
pattern string
patternProperties {JSONSchemaProps}
properties {JSONSchemaProps}
required [string] atomic
title string
type string
uniqueItems boolean
x-kubernetes-embedded-resource boolean
x-kubernetes-int-or-string boolean
x-kubernetes-list-map-keys [string] atomic
x-kubernetes-list-type string
x-kubernetes-map-type string
x-kubernetes-preserve-unknown-fields boolean
x-kubernetes-validations [ValidationRule] keys=rule patch=merge:rule)",
R"(Job io.k8s.api.batch.v1.Job kind=batch/v1/Job
apiVersion string
kind string
metadata ObjectMeta always
spec JobSpec always
status JobStatus always)",
R"(JobCondition io.k8s.api.batch.v1.JobCondition
lastProbeTime date-time always
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(JobSpec io.k8s.api.batch.v1.JobSpec
activeDeadlineSeconds int64
backoffLimit int32
backoffLimitPerIndex int32
completionMode string enum=Indexed|NonIndexed
completions int32
managedBy string
manualSelector boolean
maxFailedIndexes int32
parallelism int32
podFailurePolicy PodFailurePolicy
podReplacementPolicy string enum=Failed|TerminatingOrFailed
selector LabelSelector
successPolicy SuccessPolicy
suspend boolean
template PodTemplateSpec required always
ttlSecondsAfterFinished int32)",
R"(JobStatus io.k8s.api.batch.v1.JobStatus
active int32
completedIndexes string
completionTime date-time
conditions [JobCondition] atomic patch=merge:type
failed int32
failedIndexes string
ready int32
startTime date-time
succeeded int32
terminating int32
uncountedTerminatedPods UncountedTerminatedPods)",
R"(JobTemplateSpec io.k8s.api.batch.v1.JobTemplateSpec
metadata ObjectMeta always
spec JobSpec always)",
R"(KeyToPath io.k8s.api.core.v1.KeyToPath
key string required
mode int32
path string required)",
R"(LabelSelector io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector atomic
matchExpressions [LabelSelectorRequirement] atomic
matchLabels {string})",
R"(LabelSelectorAttributes io.k8s.api.authorization.v1.LabelSelectorAttributes
rawSelector string
requirements [LabelSelectorRequirement] atomic)",
R"(LabelSelectorRequirement io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement
key string required
operator string required
values [string] atomic)",
R"(Lease io.k8s.api.coordination.v1.Lease kind=coordination.k8s.io/v1/Lease
apiVersion string
kind string
metadata ObjectMeta always
spec LeaseSpec always)",
R"(LeaseSpec io.k8s.api.coordination.v1.LeaseSpec
acquireTime date-time
holderIdentity string
leaseDurationSeconds int32
leaseTransitions int32
preferredHolder string
renewTime date-time
strategy string)",
R"(Lifecycle io.k8s.api.core.v1.Lifecycle
postStart LifecycleHandler
preStop LifecycleHandler
stopSignal string enum=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ)",
R"(LifecycleHandler io.k8s.api.core.v1.LifecycleHandler
exec ExecAction
httpGet HTTPGetAction
sleep SleepAction
tcpSocket TCPSocketAction)",
R"(LimitRange io.k8s.api.core.v1.LimitRange kind=v1/LimitRange
apiVersion string
kind string
metadata ObjectMeta always
spec LimitRangeSpec always)",
R"(LimitRangeItem io.k8s.api.core.v1.LimitRangeItem
default {quantity}
defaultRequest {quantity}
max {quantity}
maxLimitRequestRatio {quantity}
min {quantity}
type string required)",
R"(LimitRangeSpec io.k8s.api.core.v1.LimitRangeSpec
limits [LimitRangeItem] required atomic)",
R"(LinuxContainerUser io.k8s.api.core.v1.LinuxContainerUser
gid int64 required
supplementalGroups [int64] atomic
uid int64 required)",
R"(ListMeta io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta
continue string
remainingItemCount int64
resourceVersion string
selfLink string)",
R"(LoadBalancerIngress io.k8s.api.core.v1.LoadBalancerIngress
hostname string
ip string
ipMode string
ports [PortStatus] atomic)",
R"(LoadBalancerStatus io.k8s.api.core.v1.LoadBalancerStatus
ingress [LoadBalancerIngress] atomic)",
R"(LocalObjectReference io.k8s.api.core.v1.LocalObjectReference atomic
name string default="")",
R"(LocalSubjectAccessReview io.k8s.api.authorization.v1.LocalSubjectAccessReview kind=authorization.k8s.io/v1/LocalSubjectAccessReview
apiVersion string
kind string
metadata ObjectMeta always
spec SubjectAccessReviewSpec required always
status SubjectAccessReviewStatus always)",
R"(LocalVolumeSource io.k8s.api.core.v1.LocalVolumeSource
fsType string
path string required)",
R"(ManagedFieldsEntry io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry
apiVersion string
fieldsType string
fieldsV1 any
manager string
operation string
subresource string
time date-time)",
R"(MatchCondition io.k8s.api.admissionregistration.v1.MatchCondition
expression string required
name string required)",
R"(MetricIdentifier io.k8s.api.autoscaling.v2.MetricIdentifier
name string required
selector LabelSelector)",
R"(MetricSpec io.k8s.api.autoscaling.v2.MetricSpec
containerResource ContainerResourceMetricSource
external ExternalMetricSource
object ObjectMetricSource
pods PodsMetricSource
resource ResourceMetricSource
type string required)",
R"(MetricStatus io.k8s.api.autoscaling.v2.MetricStatus
containerResource ContainerResourceMetricStatus
external ExternalMetricStatus
object ObjectMetricStatus
pods PodsMetricStatus
resource ResourceMetricStatus
type string required)",
R"(MetricTarget io.k8s.api.autoscaling.v2.MetricTarget
averageUtilization int32
averageValue quantity
type string required
value quantity)",
R"(MetricValueStatus io.k8s.api.autoscaling.v2.MetricValueStatus
averageUtilization int32
averageValue quantity
value quantity)",
R"(ModifyVolumeStatus io.k8s.api.core.v1.ModifyVolumeStatus
status string required enum=InProgress|Infeasible|Pending
targetVolumeAttributesClassName string)",
R"(MutatingWebhook io.k8s.api.admissionregistration.v1.MutatingWebhook
admissionReviewVersions [string] required atomic
clientConfig WebhookClientConfig required always
failurePolicy string enum=Fail|Ignore
matchConditions [MatchCondition] keys=name patch=merge:name
matchPolicy string enum=Equivalent|Exact
name string required
namespaceSelector LabelSelector
objectSelector LabelSelector
reinvocationPolicy string
rules [RuleWithOperations] atomic
sideEffects string required enum=None|NoneOnDryRun|Some|Unknown
timeoutSeconds int32)",
R"(MutatingWebhookConfiguration io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration kind=admissionregistration.k8s.io/v1/MutatingWebhookConfiguration
apiVersion string
kind string
metadata ObjectMeta always
webhooks [MutatingWebhook] keys=name patch=merge:name)",
R"(NFSVolumeSource io.k8s.api.core.v1.NFSVolumeSource
path string required
readOnly boolean
server string required)",
R"(Namespace io.k8s.api.core.v1.Namespace kind=v1/Namespace
apiVersion string
kind string
metadata ObjectMeta always
spec NamespaceSpec always
status NamespaceStatus always)",
R"(NamespaceCondition io.k8s.api.core.v1.NamespaceCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(NamespaceSpec io.k8s.api.core.v1.NamespaceSpec
finalizers [string] atomic)",
R"(NamespaceStatus io.k8s.api.core.v1.NamespaceStatus
conditions [NamespaceCondition] keys=type patch=merge:type
phase string enum=Active|Terminating)",
R"(NetworkPolicy io.k8s.api.networking.v1.NetworkPolicy kind=networking.k8s.io/v1/NetworkPolicy
apiVersion string
kind string
metadata ObjectMeta always
spec NetworkPolicySpec always)",
R"(NetworkPolicyEgressRule io.k8s.api.networking.v1.NetworkPolicyEgressRule
ports [NetworkPolicyPort] atomic
to [NetworkPolicyPeer] atomic)",
R"(NetworkPolicyIngressRule io.k8s.api.networking.v1.NetworkPolicyIngressRule
from [NetworkPolicyPeer] atomic
ports [NetworkPolicyPort] atomic)",
R"(NetworkPolicyPeer io.k8s.api.networking.v1.NetworkPolicyPeer
ipBlock IPBlock
namespaceSelector LabelSelector
podSelector LabelSelector)",
R"(NetworkPolicyPort io.k8s.api.networking.v1.NetworkPolicyPort
endPort int32
port int-or-string
protocol string enum=SCTP|TCP|UDP)",
R"(NetworkPolicySpec io.k8s.api.networking.v1.NetworkPolicySpec
egress [NetworkPolicyEgressRule] atomic
ingress [NetworkPolicyIngressRule] atomic
podSelector LabelSelector always
policyTypes [string] enum=Egress|Ingress atomic)",
R"(Node io.k8s.api.core.v1.Node kind=v1/Node
apiVersion string
kind string
metadata ObjectMeta always
spec NodeSpec always
status NodeStatus always)",
R"(NodeAddress io.k8s.api.core.v1.NodeAddress
address string required
type string required)",
R"(NodeAffinity io.k8s.api.core.v1.NodeAffinity
preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm] atomic
requiredDuringSchedulingIgnoredDuringExecution NodeSelector)",
R"(NodeCondition io.k8s.api.core.v1.NodeCondition
lastHeartbeatTime date-time always
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(NodeConfigSource io.k8s.api.core.v1.NodeConfigSource
configMap ConfigMapNodeConfigSource)",
R"(NodeConfigStatus io.k8s.api.core.v1.NodeConfigStatus
active NodeConfigSource
assigned NodeConfigSource
error string
lastKnownGood NodeConfigSource)",
R"(NodeDaemonEndpoints io.k8s.api.core.v1.NodeDaemonEndpoints
kubeletEndpoint DaemonEndpoint always)",
R"(NodeFeatures io.k8s.api.core.v1.NodeFeatures
supplementalGroupsPolicy boolean)",
R"(NodeRuntimeHandler io.k8s.api.core.v1.NodeRuntimeHandler
features NodeRuntimeHandlerFeatures
name string default="")",
R"(NodeRuntimeHandlerFeatures io.k8s.api.core.v1.NodeRuntimeHandlerFeatures
recursiveReadOnlyMounts boolean
userNamespaces boolean)",
R"(NodeSelector io.k8s.api.core.v1.NodeSelector atomic
nodeSelectorTerms [NodeSelectorTerm] required atomic)",
R"(NodeSelectorRequirement io.k8s.api.core.v1.NodeSelectorRequirement
key string required
operator string required enum=DoesNotExist|Exists|Gt|In|Lt|NotIn
values [string] atomic)",
R"(NodeSelectorTerm io.k8s.api.core.v1.NodeSelectorTerm atomic
matchExpressions [NodeSelectorRequirement] atomic
matchFields [NodeSelectorRequirement] atomic)",
R"(NodeSpec io.k8s.api.core.v1.NodeSpec
configSource NodeConfigSource
externalID string
podCIDR string
podCIDRs [string] set patch=merge
providerID string
taints [Taint] atomic
unschedulable boolean)",
R"(NodeStatus io.k8s.api.core.v1.NodeStatus
addresses [NodeAddress] keys=type patch=merge:type
allocatable {quantity}
capacity {quantity}
conditions [NodeCondition] keys=type patch=merge:type
config NodeConfigStatus
daemonEndpoints NodeDaemonEndpoints always
features NodeFeatures
images [ContainerImage] atomic
nodeInfo NodeSystemInfo always
phase string enum=Pending|Running|Terminated
runtimeHandlers [NodeRuntimeHandler] atomic
volumesAttached [AttachedVolume] atomic
volumesInUse [string] atomic)",
R"(NodeSwapStatus io.k8s.api.core.v1.NodeSwapStatus
capacity int64)",
R"(NodeSystemInfo io.k8s.api.core.v1.NodeSystemInfo
architecture string required
bootID string required
containerRuntimeVersion string required
kernelVersion string required
kubeProxyVersion string required
kubeletVersion string required
machineID string required
operatingSystem string required
osImage string required
swap NodeSwapStatus
systemUUID string required)",
R"(NonResourceAttributes io.k8s.api.authorization.v1.NonResourceAttributes
path string
verb string)",
R"(NonResourceRule io.k8s.api.authorization.v1.NonResourceRule
nonResourceURLs [string] atomic
verbs [string] required atomic)",
R"(ObjectFieldSelector io.k8s.api.core.v1.ObjectFieldSelector atomic
apiVersion string
fieldPath string required)",
R"(ObjectMeta io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta
annotations {string}
creationTimestamp date-time
deletionGracePeriodSeconds int64
deletionTimestamp date-time
finalizers [string] set patch=merge
generateName string
generation int64
labels {string}
managedFields [ManagedFieldsEntry] atomic
name string
namespace string
ownerReferences [OwnerReference] keys=uid patch=merge:uid
resourceVersion string
selfLink string
uid string)",
R"(ObjectMetricSource io.k8s.api.autoscaling.v2.ObjectMetricSource
describedObject CrossVersionObjectReference required always
metric MetricIdentifier required always
target MetricTarget required always)",
R"(ObjectMetricStatus io.k8s.api.autoscaling.v2.ObjectMetricStatus
current MetricValueStatus required always
describedObject CrossVersionObjectReference required always
metric MetricIdentifier required always)",
R"(ObjectReference io.k8s.api.core.v1.ObjectReference atomic
apiVersion string
fieldPath string
kind string
name string
namespace string
resourceVersion string
uid string)",
R"(Overhead io.k8s.api.node.v1.Overhead
podFixed {quantity})",
R"(OwnerReference io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference atomic
apiVersion string required
blockOwnerDeletion boolean
controller boolean
kind string required
name string required
uid string required)",
R"(PersistentVolume io.k8s.api.core.v1.PersistentVolume kind=v1/PersistentVolume
apiVersion string
kind string
metadata ObjectMeta always
spec PersistentVolumeSpec always
status PersistentVolumeStatus always)",
R"(PersistentVolumeClaim io.k8s.api.core.v1.PersistentVolumeClaim kind=v1/PersistentVolumeClaim
apiVersion string
kind string
metadata ObjectMeta always
spec PersistentVolumeClaimSpec always
status PersistentVolumeClaimStatus always)",
R"(PersistentVolumeClaimCondition io.k8s.api.core.v1.PersistentVolumeClaimCondition
lastProbeTime date-time always
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(PersistentVolumeClaimSpec io.k8s.api.core.v1.PersistentVolumeClaimSpec
accessModes [string] enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod atomic
dataSource TypedLocalObjectReference
dataSourceRef TypedObjectReference
resources VolumeResourceRequirements always
selector LabelSelector
storageClassName string
volumeAttributesClassName string
volumeMode string enum=Block|Filesystem
volumeName string)",
R"(PersistentVolumeClaimStatus io.k8s.api.core.v1.PersistentVolumeClaimStatus
accessModes [string] enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod atomic
allocatedResourceStatuses {string} enum=ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending
allocatedResources {quantity}
capacity {quantity}
conditions [PersistentVolumeClaimCondition] keys=type patch=merge:type
currentVolumeAttributesClassName string
modifyVolumeStatus ModifyVolumeStatus
phase string enum=Bound|Lost|Pending)",
R"(PersistentVolumeClaimTemplate io.k8s.api.core.v1.PersistentVolumeClaimTemplate
metadata ObjectMeta always
spec PersistentVolumeClaimSpec required always)",
R"(PersistentVolumeClaimVolumeSource io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource
claimName string required
readOnly boolean)",
R"(PersistentVolumeSpec io.k8s.api.core.v1.PersistentVolumeSpec
accessModes [string] enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod atomic
awsElasticBlockStore AWSElasticBlockStoreVolumeSource
azureDisk AzureDiskVolumeSource
azureFile AzureFilePersistentVolumeSource
capacity {quantity}
cephfs CephFSPersistentVolumeSource
cinder CinderPersistentVolumeSource
claimRef ObjectReference
csi CSIPersistentVolumeSource
fc FCVolumeSource
flexVolume FlexPersistentVolumeSource
flocker FlockerVolumeSource
gcePersistentDisk GCEPersistentDiskVolumeSource
glusterfs GlusterfsPersistentVolumeSource
hostPath HostPathVolumeSource
iscsi ISCSIPersistentVolumeSource
local LocalVolumeSource
mountOptions [string] atomic
nfs NFSVolumeSource
nodeAffinity VolumeNodeAffinity
persistentVolumeReclaimPolicy string enum=Delete|Recycle|Retain
photonPersistentDisk PhotonPersistentDiskVolumeSource
portworxVolume PortworxVolumeSource
quobyte QuobyteVolumeSource
rbd RBDPersistentVolumeSource
scaleIO ScaleIOPersistentVolumeSource
storageClassName string
storageos StorageOSPersistentVolumeSource
volumeAttributesClassName string
volumeMode string enum=Block|Filesystem
vsphereVolume VsphereVirtualDiskVolumeSource)",
R"(PersistentVolumeStatus io.k8s.api.core.v1.PersistentVolumeStatus
lastPhaseTransitionTime date-time
message string
phase string enum=Available|Bound|Failed|Pending|Released
reason string)",
R"(PhotonPersistentDiskVolumeSource io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource
fsType string
pdID string required)",
R"(Pod io.k8s.api.core.v1.Pod kind=v1/Pod
apiVersion string
kind string
metadata ObjectMeta always
spec PodSpec always
status PodStatus always)",
R"(PodAffinity io.k8s.api.core.v1.PodAffinity
preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic
requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic)",
R"(PodAffinityTerm io.k8s.api.core.v1.PodAffinityTerm
labelSelector LabelSelector
matchLabelKeys [string] atomic
mismatchLabelKeys [string] atomic
namespaceSelector LabelSelector
namespaces [string] atomic
topologyKey string required)",
R"(PodAntiAffinity io.k8s.api.core.v1.PodAntiAffinity
preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic
requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic)",
R"(PodCertificateProjection io.k8s.api.core.v1.PodCertificateProjection
certificateChainPath string
credentialBundlePath string
keyPath string
keyType string required
maxExpirationSeconds int32
signerName string required)",
R"(PodCondition io.k8s.api.core.v1.PodCondition
lastProbeTime date-time always
lastTransitionTime date-time always
message string
observedGeneration int64
reason string
status string required
type string required)",
R"(PodDNSConfig io.k8s.api.core.v1.PodDNSConfig
nameservers [string] atomic
options [PodDNSConfigOption] atomic
searches [string] atomic)",
R"(PodDNSConfigOption io.k8s.api.core.v1.PodDNSConfigOption
name string
value string)",
R"(PodDisruptionBudget io.k8s.api.policy.v1.PodDisruptionBudget kind=policy/v1/PodDisruptionBudget
apiVersion string
kind string
metadata ObjectMeta always
spec PodDisruptionBudgetSpec always
status PodDisruptionBudgetStatus always)",
R"(PodDisruptionBudgetSpec io.k8s.api.policy.v1.PodDisruptionBudgetSpec
maxUnavailable int-or-string
minAvailable int-or-string
selector LabelSelector patch=replace
unhealthyPodEvictionPolicy string enum=AlwaysAllow|IfHealthyBudget)",
R"(PodDisruptionBudgetStatus io.k8s.api.policy.v1.PodDisruptionBudgetStatus
conditions [Condition] keys=type patch=merge:type
currentHealthy int32 required
desiredHealthy int32 required
disruptedPods {date-time}
disruptionsAllowed int32 required
expectedPods int32 required
observedGeneration int64)",
R"(PodExtendedResourceClaimStatus io.k8s.api.core.v1.PodExtendedResourceClaimStatus
requestMappings [ContainerExtendedResourceRequest] required atomic
resourceClaimName string required)",
R"(PodFailurePolicy io.k8s.api.batch.v1.PodFailurePolicy
rules [PodFailurePolicyRule] required atomic)",
R"(PodFailurePolicyOnExitCodesRequirement io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement
containerName string
operator string required enum=In|NotIn
values [int32] required set)",
R"(PodFailurePolicyOnPodConditionsPattern io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern
status string required
type string required)",
R"(PodFailurePolicyRule io.k8s.api.batch.v1.PodFailurePolicyRule
action string required enum=Count|FailIndex|FailJob|Ignore
onExitCodes PodFailurePolicyOnExitCodesRequirement
onPodConditions [PodFailurePolicyOnPodConditionsPattern] atomic)",
R"(PodIP io.k8s.api.core.v1.PodIP
ip string required)",
R"(PodOS io.k8s.api.core.v1.PodOS
name string required)",
R"(PodReadinessGate io.k8s.api.core.v1.PodReadinessGate
conditionType string required)",
R"(PodResourceClaim io.k8s.api.core.v1.PodResourceClaim
name string required
resourceClaimName string
resourceClaimTemplateName string)",
R"(PodResourceClaimStatus io.k8s.api.core.v1.PodResourceClaimStatus
name string required
resourceClaimName string)",
R"(PodSchedulingGate io.k8s.api.core.v1.PodSchedulingGate
name string required)",
R"(PodSecurityContext io.k8s.api.core.v1.PodSecurityContext
appArmorProfile AppArmorProfile
fsGroup int64
fsGroupChangePolicy string enum=Always|OnRootMismatch
runAsGroup int64
runAsNonRoot boolean
runAsUser int64
seLinuxChangePolicy string
seLinuxOptions SELinuxOptions
seccompProfile SeccompProfile
supplementalGroups [int64] atomic
supplementalGroupsPolicy string enum=Merge|Strict
sysctls [Sysctl] atomic
windowsOptions WindowsSecurityContextOptions)",
R"(PodSpec io.k8s.api.core.v1.PodSpec
activeDeadlineSeconds int64
affinity Affinity
automountServiceAccountToken boolean
containers [Container] required keys=name patch=merge:name
dnsConfig PodDNSConfig
dnsPolicy string enum=ClusterFirst|ClusterFirstWithHostNet|Default|None
enableServiceLinks boolean
ephemeralContainers [EphemeralContainer] keys=name patch=merge:name
hostAliases [HostAlias] keys=ip repeats patch=merge:ip
hostIPC boolean
hostNetwork boolean
hostPID boolean
hostUsers boolean
hostname string
hostnameOverride string
imagePullSecrets [LocalObjectReference] keys=name patch=merge:name
initContainers [Container] keys=name patch=merge:name
nodeName string
nodeSelector {string} atomic
os PodOS
overhead {quantity}
preemptionPolicy string enum=Never|PreemptLowerPriority
priority int32
priorityClassName string
readinessGates [PodReadinessGate] atomic
resourceClaims [PodResourceClaim] keys=name patch=merge,retainKeys:name
resources ResourceRequirements
restartPolicy string enum=Always|Never|OnFailure
runtimeClassName string
schedulerName string
schedulingGates [PodSchedulingGate] keys=name patch=merge:name
securityContext PodSecurityContext
serviceAccount string
serviceAccountName string
setHostnameAsFQDN boolean
shareProcessNamespace boolean
subdomain string
terminationGracePeriodSeconds int64
tolerations [Toleration] atomic
topologySpreadConstraints [TopologySpreadConstraint] keys=topologyKey,whenUnsatisfiable patch=merge:topologyKey
volumes [Volume] keys=name patch=merge,retainKeys:name)",
R"(PodStatus io.k8s.api.core.v1.PodStatus
conditions [PodCondition] keys=type patch=merge:type
containerStatuses [ContainerStatus] atomic
ephemeralContainerStatuses [ContainerStatus] atomic
extendedResourceClaimStatus PodExtendedResourceClaimStatus
hostIP string
hostIPs [HostIP] atomic patch=merge:ip
initContainerStatuses [ContainerStatus] atomic
message string
nominatedNodeName string
observedGeneration int64
phase string enum=Failed|Pending|Running|Succeeded|Unknown
podIP string
podIPs [PodIP] keys=ip patch=merge:ip
qosClass string enum=BestEffort|Burstable|Guaranteed
reason string
resize string
resourceClaimStatuses [PodResourceClaimStatus] keys=name patch=merge,retainKeys:name
startTime date-time)",
R"(PodTemplate io.k8s.api.core.v1.PodTemplate kind=v1/PodTemplate
apiVersion string
kind string
metadata ObjectMeta always
template PodTemplateSpec always)",
R"(PodTemplateSpec io.k8s.api.core.v1.PodTemplateSpec
metadata ObjectMeta always
spec PodSpec always)",
R"(PodsMetricSource io.k8s.api.autoscaling.v2.PodsMetricSource
metric MetricIdentifier required always
target MetricTarget required always)",
R"(PodsMetricStatus io.k8s.api.autoscaling.v2.PodsMetricStatus
current MetricValueStatus required always
metric MetricIdentifier required always)",
R"(PolicyRule io.k8s.api.rbac.v1.PolicyRule
apiGroups [string] atomic
nonResourceURLs [string] atomic
resourceNames [string] atomic
resources [string] atomic
verbs [string] required atomic)",
R"(PortStatus io.k8s.api.core.v1.PortStatus
error string
port int32 required
protocol string required enum=SCTP|TCP|UDP)",
R"(PortworxVolumeSource io.k8s.api.core.v1.PortworxVolumeSource
fsType string
readOnly boolean
volumeID string required)",
R"(Preconditions io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions
resourceVersion string
uid string)",
R"(PreferredSchedulingTerm io.k8s.api.core.v1.PreferredSchedulingTerm
preference NodeSelectorTerm required always
weight int32 required)",
R"(PriorityClass io.k8s.api.scheduling.v1.PriorityClass kind=scheduling.k8s.io/v1/PriorityClass
apiVersion string
description string
globalDefault boolean
kind string
metadata ObjectMeta always
preemptionPolicy string enum=Never|PreemptLowerPriority
value int32 required)",
R"(Probe io.k8s.api.core.v1.Probe
exec ExecAction
failureThreshold int32
grpc GRPCAction
httpGet HTTPGetAction
initialDelaySeconds int32
periodSeconds int32
successThreshold int32
tcpSocket TCPSocketAction
terminationGracePeriodSeconds int64
timeoutSeconds int32)",
R"(ProjectedVolumeSource io.k8s.api.core.v1.ProjectedVolumeSource
defaultMode int32
sources [VolumeProjection] atomic)",
R"(QuobyteVolumeSource io.k8s.api.core.v1.QuobyteVolumeSource
group string
readOnly boolean
registry string required
tenant string
user string
volume string required)",
R"(RBDPersistentVolumeSource io.k8s.api.core.v1.RBDPersistentVolumeSource
fsType string
image string required
keyring string default="/etc/ceph/keyring"
monitors [string] required atomic
pool string default="rbd"
readOnly boolean
secretRef SecretReference
user string default="admin")",
R"(RBDVolumeSource io.k8s.api.core.v1.RBDVolumeSource
fsType string
image string required
keyring string default="/etc/ceph/keyring"
monitors [string] required atomic
pool string default="rbd"
readOnly boolean
secretRef LocalObjectReference
user string default="admin")",
R"(ReplicaSet io.k8s.api.apps.v1.ReplicaSet kind=apps/v1/ReplicaSet
apiVersion string
kind string
metadata ObjectMeta always
spec ReplicaSetSpec always
status ReplicaSetStatus always)",
R"(ReplicaSetCondition io.k8s.api.apps.v1.ReplicaSetCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(ReplicaSetSpec io.k8s.api.apps.v1.ReplicaSetSpec
minReadySeconds int32
replicas int32
selector LabelSelector required
template PodTemplateSpec always)",
R"(ReplicaSetStatus io.k8s.api.apps.v1.ReplicaSetStatus
availableReplicas int32
conditions [ReplicaSetCondition] keys=type patch=merge:type
fullyLabeledReplicas int32
observedGeneration int64
readyReplicas int32
replicas int32 required
terminatingReplicas int32)",
R"(ReplicationController io.k8s.api.core.v1.ReplicationController kind=v1/ReplicationController
apiVersion string
kind string
metadata ObjectMeta always
spec ReplicationControllerSpec always
status ReplicationControllerStatus always)",
R"(ReplicationControllerCondition io.k8s.api.core.v1.ReplicationControllerCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(ReplicationControllerSpec io.k8s.api.core.v1.ReplicationControllerSpec
minReadySeconds int32 default=0
replicas int32 default=1
selector {string} atomic
template PodTemplateSpec)",
R"(ReplicationControllerStatus io.k8s.api.core.v1.ReplicationControllerStatus
availableReplicas int32
conditions [ReplicationControllerCondition] keys=type patch=merge:type
fullyLabeledReplicas int32
observedGeneration int64
readyReplicas int32
replicas int32 required)",
R"(ResourceAttributes io.k8s.api.authorization.v1.ResourceAttributes
fieldSelector FieldSelectorAttributes
group string
labelSelector LabelSelectorAttributes
name string
namespace string
resource string
subresource string
verb string
version string)",
R"(ResourceClaim io.k8s.api.core.v1.ResourceClaim
name string required
request string)",
R"(ResourceFieldSelector io.k8s.api.core.v1.ResourceFieldSelector atomic
containerName string
divisor quantity always
resource string required)",
R"(ResourceHealth io.k8s.api.core.v1.ResourceHealth
health string
resourceID string required)",
R"(ResourceMetricSource io.k8s.api.autoscaling.v2.ResourceMetricSource
name string required
target MetricTarget required always)",
R"(ResourceMetricStatus io.k8s.api.autoscaling.v2.ResourceMetricStatus
current MetricValueStatus required always
name string required)",
R"(ResourceQuota io.k8s.api.core.v1.ResourceQuota kind=v1/ResourceQuota
apiVersion string
kind string
metadata ObjectMeta always
spec ResourceQuotaSpec always
status ResourceQuotaStatus always)",
R"(ResourceQuotaSpec io.k8s.api.core.v1.ResourceQuotaSpec
hard {quantity}
scopeSelector ScopeSelector
scopes [string] enum=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass atomic)",
R"(ResourceQuotaStatus io.k8s.api.core.v1.ResourceQuotaStatus
hard {quantity}
used {quantity})",
R"(ResourceRequirements io.k8s.api.core.v1.ResourceRequirements
claims [ResourceClaim] keys=name
limits {quantity}
requests {quantity})",
R"(ResourceRule io.k8s.api.authorization.v1.ResourceRule
apiGroups [string] atomic
resourceNames [string] atomic
resources [string] atomic
verbs [string] required atomic)",
R"(ResourceStatus io.k8s.api.core.v1.ResourceStatus
name string required
resources [ResourceHealth] keys=resourceID)",
R"(Role io.k8s.api.rbac.v1.Role kind=rbac.authorization.k8s.io/v1/Role
apiVersion string
kind string
metadata ObjectMeta always
rules [PolicyRule] atomic)",
R"(RoleBinding io.k8s.api.rbac.v1.RoleBinding kind=rbac.authorization.k8s.io/v1/RoleBinding
apiVersion string
kind string
metadata ObjectMeta always
roleRef RoleRef required always
subjects [Subject] atomic)",
R"(RoleRef io.k8s.api.rbac.v1.RoleRef atomic
apiGroup string required
kind string required
name string required)",
R"(RollingUpdateDaemonSet io.k8s.api.apps.v1.RollingUpdateDaemonSet
maxSurge int-or-string
maxUnavailable int-or-string)",
R"(RollingUpdateDeployment io.k8s.api.apps.v1.RollingUpdateDeployment
maxSurge int-or-string
maxUnavailable int-or-string)",
R"(RollingUpdateStatefulSetStrategy io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy
maxUnavailable int-or-string
partition int32)",
R"(RuleWithOperations io.k8s.api.admissionregistration.v1.RuleWithOperations
apiGroups [string] atomic
apiVersions [string] atomic
operations [string] enum=*|CONNECT|CREATE|DELETE|UPDATE atomic
resources [string] atomic
scope string)",
R"(RuntimeClass io.k8s.api.node.v1.RuntimeClass kind=node.k8s.io/v1/RuntimeClass
apiVersion string
handler string required
kind string
metadata ObjectMeta always
overhead Overhead
scheduling Scheduling)",
R"(SELinuxOptions io.k8s.api.core.v1.SELinuxOptions
level string
role string
type string
user string)",
R"(Scale io.k8s.api.autoscaling.v1.Scale kind=autoscaling/v1/Scale
apiVersion string
kind string
metadata ObjectMeta always
spec ScaleSpec always
status ScaleStatus always)",
R"(ScaleIOPersistentVolumeSource io.k8s.api.core.v1.ScaleIOPersistentVolumeSource
fsType string default="xfs"
gateway string required
protectionDomain string
readOnly boolean
secretRef SecretReference required
sslEnabled boolean
storageMode string default="ThinProvisioned"
storagePool string
system string required
volumeName string)",
R"(ScaleIOVolumeSource io.k8s.api.core.v1.ScaleIOVolumeSource
fsType string default="xfs"
gateway string required
protectionDomain string
readOnly boolean
secretRef LocalObjectReference required
sslEnabled boolean
storageMode string default="ThinProvisioned"
storagePool string
system string required
volumeName string)",
R"(ScaleSpec io.k8s.api.autoscaling.v1.ScaleSpec
replicas int32 default=0)",
R"(ScaleStatus io.k8s.api.autoscaling.v1.ScaleStatus
replicas int32 required
selector string)",
R"(Scheduling io.k8s.api.node.v1.Scheduling
nodeSelector {string} atomic
tolerations [Toleration] atomic)",
R"(ScopeSelector io.k8s.api.core.v1.ScopeSelector atomic
matchExpressions [ScopedResourceSelectorRequirement] atomic)",
R"(ScopedResourceSelectorRequirement io.k8s.api.core.v1.ScopedResourceSelectorRequirement
operator string required enum=DoesNotExist|Exists|In|NotIn
scopeName string required enum=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
values [string] atomic)",
R"(SeccompProfile io.k8s.api.core.v1.SeccompProfile
localhostProfile string
type string required enum=Localhost|RuntimeDefault|Unconfined)",
R"(Secret io.k8s.api.core.v1.Secret kind=v1/Secret
apiVersion string
data {byte}
immutable boolean
kind string
metadata ObjectMeta always
stringData {string}
type string)",
R"(SecretEnvSource io.k8s.api.core.v1.SecretEnvSource atomic-in-crds
name string default=""
optional boolean)",
R"(SecretKeySelector io.k8s.api.core.v1.SecretKeySelector atomic
key string required
name string default=""
optional boolean)",
R"(SecretProjection io.k8s.api.core.v1.SecretProjection atomic-in-crds
items [KeyToPath] atomic
name string default=""
optional boolean)",
R"(SecretReference io.k8s.api.core.v1.SecretReference atomic
name string
namespace string)",
R"(SecretVolumeSource io.k8s.api.core.v1.SecretVolumeSource
defaultMode int32
items [KeyToPath] atomic
optional boolean
secretName string)",
R"(SecurityContext io.k8s.api.core.v1.SecurityContext
allowPrivilegeEscalation boolean
appArmorProfile AppArmorProfile
capabilities Capabilities
privileged boolean
procMount string enum=Default|Unmasked
readOnlyRootFilesystem boolean
runAsGroup int64
runAsNonRoot boolean
runAsUser int64
seLinuxOptions SELinuxOptions
seccompProfile SeccompProfile
windowsOptions WindowsSecurityContextOptions)",
R"(SelectableField io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField
jsonPath string required)",
R"(SelfSubjectAccessReview io.k8s.api.authorization.v1.SelfSubjectAccessReview kind=authorization.k8s.io/v1/SelfSubjectAccessReview
apiVersion string
kind string
metadata ObjectMeta always
spec SelfSubjectAccessReviewSpec required always
status SubjectAccessReviewStatus always)",
R"(SelfSubjectAccessReviewSpec io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec
nonResourceAttributes NonResourceAttributes
resourceAttributes ResourceAttributes)",
R"(SelfSubjectReview io.k8s.api.authentication.v1.SelfSubjectReview kind=authentication.k8s.io/v1/SelfSubjectReview
apiVersion string
kind string
metadata ObjectMeta always
status SelfSubjectReviewStatus always)",
R"(SelfSubjectReviewStatus io.k8s.api.authentication.v1.SelfSubjectReviewStatus
userInfo UserInfo always)",
R"(SelfSubjectRulesReview io.k8s.api.authorization.v1.SelfSubjectRulesReview kind=authorization.k8s.io/v1/SelfSubjectRulesReview
apiVersion string
kind string
metadata ObjectMeta always
spec SelfSubjectRulesReviewSpec required always
status SubjectRulesReviewStatus always)",
R"(SelfSubjectRulesReviewSpec io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec
namespace string)",
R"(Service io.k8s.api.core.v1.Service kind=v1/Service
apiVersion string
kind string
metadata ObjectMeta always
spec ServiceSpec always
status ServiceStatus always)",
R"(ServiceAccount io.k8s.api.core.v1.ServiceAccount kind=v1/ServiceAccount
apiVersion string
automountServiceAccountToken boolean
imagePullSecrets [LocalObjectReference] atomic
kind string
metadata ObjectMeta always
secrets [ObjectReference] keys=name patch=merge:name)",
R"(ServiceAccountTokenProjection io.k8s.api.core.v1.ServiceAccountTokenProjection
audience string
expirationSeconds int64
path string required)",
R"(ServiceBackendPort io.k8s.api.networking.v1.ServiceBackendPort atomic
name string
number int32)",
R"(ServicePort io.k8s.api.core.v1.ServicePort
appProtocol string
name string
nodePort int32
port int32 required
protocol string default="TCP" enum=SCTP|TCP|UDP
targetPort int-or-string)",
R"(ServiceReference io.k8s.api.admissionregistration.v1.ServiceReference
name string required
namespace string required
path string
port int32)",
R"(ServiceSpec io.k8s.api.core.v1.ServiceSpec
allocateLoadBalancerNodePorts boolean
clusterIP string
clusterIPs [string] atomic
externalIPs [string] atomic
externalName string
externalTrafficPolicy string enum=Cluster|Local
healthCheckNodePort int32
internalTrafficPolicy string enum=Cluster|Local
ipFamilies [string] enum=|IPv4|IPv6 atomic
ipFamilyPolicy string enum=PreferDualStack|RequireDualStack|SingleStack
loadBalancerClass string
loadBalancerIP string
loadBalancerSourceRanges [string] atomic
ports [ServicePort] keys=port,protocol patch=merge:port
publishNotReadyAddresses boolean
selector {string} atomic
sessionAffinity string enum=ClientIP|None
sessionAffinityConfig SessionAffinityConfig
trafficDistribution string
type string enum=ClusterIP|ExternalName|LoadBalancer|NodePort)",
R"(ServiceStatus io.k8s.api.core.v1.ServiceStatus
conditions [Condition] keys=type patch=merge:type
loadBalancer LoadBalancerStatus always)",
R"(SessionAffinityConfig io.k8s.api.core.v1.SessionAffinityConfig
clientIP ClientIPConfig)",
R"(SleepAction io.k8s.api.core.v1.SleepAction
seconds int64 required)",
R"(StatefulSet io.k8s.api.apps.v1.StatefulSet kind=apps/v1/StatefulSet
apiVersion string
kind string
metadata ObjectMeta always
spec StatefulSetSpec always
status StatefulSetStatus always)",
R"(StatefulSetCondition io.k8s.api.apps.v1.StatefulSetCondition
lastTransitionTime date-time always
message string
reason string
status string required
type string required)",
R"(StatefulSetOrdinals io.k8s.api.apps.v1.StatefulSetOrdinals
start int32 default=0)",
R"(StatefulSetPersistentVolumeClaimRetentionPolicy io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy
whenDeleted string
whenScaled string)",
R"(StatefulSetSpec io.k8s.api.apps.v1.StatefulSetSpec
minReadySeconds int32
ordinals StatefulSetOrdinals
persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy
podManagementPolicy string enum=OrderedReady|Parallel
replicas int32
revisionHistoryLimit int32
selector LabelSelector required
serviceName string default=""
template PodTemplateSpec required always
updateStrategy StatefulSetUpdateStrategy always
volumeClaimTemplates [PersistentVolumeClaim] atomic)",
R"(StatefulSetStatus io.k8s.api.apps.v1.StatefulSetStatus
availableReplicas int32 default=0
collisionCount int32
conditions [StatefulSetCondition] keys=type patch=merge:type
currentReplicas int32
currentRevision string
observedGeneration int64
readyReplicas int32
replicas int32 required
updateRevision string
updatedReplicas int32)",
R"(StatefulSetUpdateStrategy io.k8s.api.apps.v1.StatefulSetUpdateStrategy
rollingUpdate RollingUpdateStatefulSetStrategy
type string enum=OnDelete|RollingUpdate)",
R"(Status io.k8s.apimachinery.pkg.apis.meta.v1.Status kind=v1/Status
apiVersion string
code int32
details StatusDetails atomic
kind string
message string
metadata ListMeta always
reason string
status string)",
R"(StatusCause io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause
field string
message string
reason string)",
R"(StatusDetails io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails
causes [StatusCause] atomic
group string
kind string
name string
retryAfterSeconds int32
uid string)",
R"(StorageClass io.k8s.api.storage.v1.StorageClass kind=storage.k8s.io/v1/StorageClass
allowVolumeExpansion boolean
allowedTopologies [TopologySelectorTerm] atomic
apiVersion string
kind string
metadata ObjectMeta always
mountOptions [string] atomic
parameters {string}
provisioner string required
reclaimPolicy string enum=Delete|Recycle|Retain
volumeBindingMode string enum=Immediate|WaitForFirstConsumer)",
R"(StorageOSPersistentVolumeSource io.k8s.api.core.v1.StorageOSPersistentVolumeSource
fsType string
readOnly boolean
secretRef ObjectReference
volumeName string
volumeNamespace string)",
R"(StorageOSVolumeSource io.k8s.api.core.v1.StorageOSVolumeSource
fsType string
readOnly boolean
secretRef LocalObjectReference
volumeName string
volumeNamespace string)",
R"(Subject io.k8s.api.rbac.v1.Subject atomic
apiGroup string
kind string required
name string required
namespace string)",
R"(SubjectAccessReview io.k8s.api.authorization.v1.SubjectAccessReview kind=authorization.k8s.io/v1/SubjectAccessReview
apiVersion string
kind string
metadata ObjectMeta always
spec SubjectAccessReviewSpec required always
status SubjectAccessReviewStatus always)",
R"(SubjectAccessReviewSpec io.k8s.api.authorization.v1.SubjectAccessReviewSpec
extra {any}
groups [string] atomic
nonResourceAttributes NonResourceAttributes
resourceAttributes ResourceAttributes
uid string
user string)",
R"(SubjectAccessReviewStatus io.k8s.api.authorization.v1.SubjectAccessReviewStatus
allowed boolean required
denied boolean
evaluationError string
reason string)",
R"(SubjectRulesReviewStatus io.k8s.api.authorization.v1.SubjectRulesReviewStatus
evaluationError string
incomplete boolean required
nonResourceRules [NonResourceRule] required atomic
resourceRules [ResourceRule] required atomic)",
R"(SuccessPolicy io.k8s.api.batch.v1.SuccessPolicy
rules [SuccessPolicyRule] required atomic)",
R"(SuccessPolicyRule io.k8s.api.batch.v1.SuccessPolicyRule
succeededCount int32
succeededIndexes string)",
R"(Sysctl io.k8s.api.core.v1.Sysctl
name string required
value string required)",
R"(TCPSocketAction io.k8s.api.core.v1.TCPSocketAction
host string
port int-or-string required)",
R"(Taint io.k8s.api.core.v1.Taint
effect string required enum=NoExecute|NoSchedule|PreferNoSchedule
key string required
timeAdded date-time
value string)",
R"(TokenRequest io.k8s.api.authentication.v1.TokenRequest kind=authentication.k8s.io/v1/TokenRequest
apiVersion string
kind string
metadata ObjectMeta always
spec TokenRequestSpec required always
status TokenRequestStatus always)",
R"(TokenRequestSpec io.k8s.api.authentication.v1.TokenRequestSpec
audiences [string] required atomic
boundObjectRef BoundObjectReference
expirationSeconds int64)",
R"(TokenRequestStatus io.k8s.api.authentication.v1.TokenRequestStatus
expirationTimestamp date-time required
token string required)",
R"(TokenReview io.k8s.api.authentication.v1.TokenReview kind=authentication.k8s.io/v1/TokenReview
apiVersion string
kind string
metadata ObjectMeta always
spec TokenReviewSpec required always
status TokenReviewStatus always)",
R"(TokenReviewSpec io.k8s.api.authentication.v1.TokenReviewSpec
audiences [string] atomic
token string)",
R"(TokenReviewStatus io.k8s.api.authentication.v1.TokenReviewStatus
audiences [string] atomic
authenticated boolean
error string
user UserInfo always)",
R"(Toleration io.k8s.api.core.v1.Toleration
effect string enum=NoExecute|NoSchedule|PreferNoSchedule
key string
operator string enum=Equal|Exists
tolerationSeconds int64
value string)",
R"(TopologySelectorLabelRequirement io.k8s.api.core.v1.TopologySelectorLabelRequirement
key string required
values [string] required atomic)",
R"(TopologySelectorTerm io.k8s.api.core.v1.TopologySelectorTerm atomic
matchLabelExpressions [TopologySelectorLabelRequirement] atomic)",
R"(TopologySpreadConstraint io.k8s.api.core.v1.TopologySpreadConstraint
labelSelector LabelSelector
matchLabelKeys [string] atomic
maxSkew int32 required
minDomains int32
nodeAffinityPolicy string enum=Honor|Ignore
nodeTaintsPolicy string enum=Honor|Ignore
topologyKey string required
whenUnsatisfiable string required enum=DoNotSchedule|ScheduleAnyway)",
R"(TypedLocalObjectReference io.k8s.api.core.v1.TypedLocalObjectReference atomic
apiGroup string
kind string required
name string required)",
R"(TypedObjectReference io.k8s.api.core.v1.TypedObjectReference
apiGroup string
kind string required
name string required
namespace string)",
R"(UncountedTerminatedPods io.k8s.api.batch.v1.UncountedTerminatedPods
failed [string] set
succeeded [string] set)",
R"(UserInfo io.k8s.api.authentication.v1.UserInfo
extra {any}
groups [string] atomic
uid string
username string)",
R"(ValidatingWebhook io.k8s.api.admissionregistration.v1.ValidatingWebhook
admissionReviewVersions [string] required atomic
clientConfig WebhookClientConfig required always
failurePolicy string enum=Fail|Ignore
matchConditions [MatchCondition] keys=name patch=merge:name
matchPolicy string enum=Equivalent|Exact
name string required
namespaceSelector LabelSelector
objectSelector LabelSelector
rules [RuleWithOperations] atomic
sideEffects string required enum=None|NoneOnDryRun|Some|Unknown
timeoutSeconds int32)",
R"(ValidatingWebhookConfiguration io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration kind=admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration
apiVersion string
kind string
metadata ObjectMeta always
webhooks [ValidatingWebhook] keys=name patch=merge:name)",
R"(ValidationRule io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule
fieldPath string
message string
messageExpression string
optionalOldSelf boolean
reason string enum=FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired
rule string required)",
R"(Volume io.k8s.api.core.v1.Volume
awsElasticBlockStore AWSElasticBlockStoreVolumeSource
azureDisk AzureDiskVolumeSource
azureFile AzureFileVolumeSource
cephfs CephFSVolumeSource
cinder CinderVolumeSource
configMap ConfigMapVolumeSource
csi CSIVolumeSource
downwardAPI DownwardAPIVolumeSource
emptyDir EmptyDirVolumeSource
ephemeral EphemeralVolumeSource
fc FCVolumeSource
flexVolume FlexVolumeSource
flocker FlockerVolumeSource
gcePersistentDisk GCEPersistentDiskVolumeSource
gitRepo GitRepoVolumeSource
glusterfs GlusterfsVolumeSource
hostPath HostPathVolumeSource
image ImageVolumeSource
iscsi ISCSIVolumeSource
name string required
nfs NFSVolumeSource
persistentVolumeClaim PersistentVolumeClaimVolumeSource
photonPersistentDisk PhotonPersistentDiskVolumeSource
portworxVolume PortworxVolumeSource
projected ProjectedVolumeSource
quobyte QuobyteVolumeSource
rbd RBDVolumeSource
scaleIO ScaleIOVolumeSource
secret SecretVolumeSource
storageos StorageOSVolumeSource
vsphereVolume VsphereVirtualDiskVolumeSource)",
R"(VolumeDevice io.k8s.api.core.v1.VolumeDevice
devicePath string required
name string required)",
R"(VolumeMount io.k8s.api.core.v1.VolumeMount
mountPath string required
mountPropagation string enum=Bidirectional|HostToContainer|None
name string required
readOnly boolean
recursiveReadOnly string
subPath string
subPathExpr string)",
R"(VolumeMountStatus io.k8s.api.core.v1.VolumeMountStatus
mountPath string required
name string required
readOnly boolean
recursiveReadOnly string)",
R"(VolumeNodeAffinity io.k8s.api.core.v1.VolumeNodeAffinity
required NodeSelector)",
R"(VolumeProjection io.k8s.api.core.v1.VolumeProjection
clusterTrustBundle ClusterTrustBundleProjection
configMap ConfigMapProjection
downwardAPI DownwardAPIProjection
podCertificate PodCertificateProjection
secret SecretProjection
serviceAccountToken ServiceAccountTokenProjection)",
R"(VolumeResourceRequirements io.k8s.api.core.v1.VolumeResourceRequirements
limits {quantity}
requests {quantity})",
R"(VsphereVirtualDiskVolumeSource io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource
fsType string
storagePolicyID string
storagePolicyName string
volumePath string required)",
R"(WebhookClientConfig io.k8s.api.admissionregistration.v1.WebhookClientConfig
caBundle byte
service ServiceReference
url string)",
R"(WebhookConversion io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion
clientConfig apiextensions.WebhookClientConfig
conversionReviewVersions [string] required atomic)",
R"(WeightedPodAffinityTerm io.k8s.api.core.v1.WeightedPodAffinityTerm
podAffinityTerm PodAffinityTerm required always
weight int32 required)",
R"(WindowsSecurityContextOptions io.k8s.api.core.v1.WindowsSecurityContextOptions
gmsaCredentialSpec string
gmsaCredentialSpecName string
hostProcess boolean
runAsUserName string)",
R"(apiextensions.ServiceReference io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference
name string required
namespace string required
path string
port int32)",
R"(apiextensions.WebhookClientConfig io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig
caBundle byte
service apiextensions.ServiceReference
url string)",
R"(core.EndpointPort io.k8s.api.core.v1.EndpointPort atomic
appProtocol string
name string
port int32 required
protocol string enum=SCTP|TCP|UDP)",
R"(events.Event io.k8s.api.events.v1.Event kind=events.k8s.io/v1/Event
action string
apiVersion string
deprecatedCount int32
deprecatedFirstTimestamp date-time always
deprecatedLastTimestamp date-time always
deprecatedSource EventSource always
eventTime date-time required
kind string
metadata ObjectMeta always
note string
reason string
regarding ObjectReference always
related ObjectReference
reportingController string
reportingInstance string
series events.EventSeries
type string)",
R"(events.EventSeries io.k8s.api.events.v1.EventSeries
count int32 required
lastObservedTime date-time required)",
};

}  // namespace

std::span<const std::string_view> type_texts() { return kTypes; }

}  // namespace kthena::kube::shapes
