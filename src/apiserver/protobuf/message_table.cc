// Written by tools/kube_protobuf.py from the API types of Kubernetes; its grammar is in messages.h.
#include <span>
#include <string_view>

#include "apiserver/protobuf/messages.h"

// clang-format off

namespace kthena::apiserver {

namespace {

constexpr std::string_view kMessages[] = {
R"(AWSElasticBlockStoreVolumeSource
1 volumeID
2 fsType
3 partition
4 readOnly)",
R"(Affinity
1 nodeAffinity
2 podAffinity
3 podAntiAffinity)",
R"(AggregationRule
1 clusterRoleSelectors)",
R"(AppArmorProfile
1 type
2 localhostProfile)",
R"(AttachedVolume
1 name
2 devicePath)",
R"(AzureDiskVolumeSource
1 diskName
2 diskURI
3 cachingMode
4 fsType
5 readOnly
6 kind)",
R"(AzureFilePersistentVolumeSource
1 secretName
2 shareName
3 readOnly
4 secretNamespace)",
R"(AzureFileVolumeSource
1 secretName
2 shareName
3 readOnly)",
R"(Binding
1 metadata
2 target)",
R"(BoundObjectReference
1 kind
2 apiVersion
3 name
4 uid)",
R"(CSIPersistentVolumeSource
1 driver
2 volumeHandle
3 readOnly
4 fsType
5 volumeAttributes
6 controllerPublishSecretRef
7 nodeStageSecretRef
8 nodePublishSecretRef
9 controllerExpandSecretRef
10 nodeExpandSecretRef)",
R"(CSIVolumeSource
1 driver
2 readOnly
3 fsType
4 volumeAttributes
5 nodePublishSecretRef)",
R"(Capabilities
1 add
2 drop)",
R"(CephFSPersistentVolumeSource
1 monitors
2 path
3 user
4 secretFile
5 secretRef
6 readOnly)",
R"(CephFSVolumeSource
1 monitors
2 path
3 user
4 secretFile
5 secretRef
6 readOnly)",
R"(CinderPersistentVolumeSource
1 volumeID
2 fsType
3 readOnly
4 secretRef)",
R"(CinderVolumeSource
1 volumeID
2 fsType
3 readOnly
4 secretRef)",
R"(ClientIPConfig
1 timeoutSeconds)",
R"(ClusterRole
1 metadata
2 rules
3 aggregationRule)",
R"(ClusterRoleBinding
1 metadata
2 subjects
3 roleRef)",
R"(ClusterTrustBundleProjection
1 name
2 signerName
3 labelSelector
4 path
5 optional)",
R"(Condition
1 type
2 status
3 observedGeneration
4 lastTransitionTime
5 reason
6 message)",
R"(ConfigMap
1 metadata
2 data
3 binaryData
4 immutable)",
R"(ConfigMapEnvSource
1 >LocalObjectReference
2 optional)",
R"(ConfigMapKeySelector
1 >LocalObjectReference
2 key
3 optional)",
R"(ConfigMapNodeConfigSource
1 namespace
2 name
3 uid
4 resourceVersion
5 kubeletConfigKey)",
R"(ConfigMapProjection
1 >LocalObjectReference
2 items
4 optional)",
R"(ConfigMapVolumeSource
1 >LocalObjectReference
2 items
3 defaultMode
4 optional)",
R"(Container
1 name
2 image
3 command
4 args
5 workingDir
6 ports
7 env
8 resources
9 volumeMounts
10 livenessProbe
11 readinessProbe
12 lifecycle
13 terminationMessagePath
14 imagePullPolicy
15 securityContext
16 stdin
17 stdinOnce
18 tty
19 envFrom
20 terminationMessagePolicy
21 volumeDevices
22 startupProbe
23 resizePolicy
24 restartPolicy
25 restartPolicyRules)",
R"(ContainerExtendedResourceRequest
1 containerName
2 resourceName
3 requestName)",
R"(ContainerImage
1 names
2 sizeBytes)",
R"(ContainerPort
1 name
2 hostPort
3 containerPort
4 protocol
5 hostIP)",
R"(ContainerResizePolicy
1 resourceName
2 restartPolicy)",
R"(ContainerResourceMetricSource
1 name
2 target
3 container)",
R"(ContainerResourceMetricStatus
1 name
2 current
3 container)",
R"(ContainerRestartRule
1 action
2 exitCodes)",
R"(ContainerRestartRuleOnExitCodes
1 operator
2 values)",
R"(ContainerState
1 waiting
2 running
3 terminated)",
R"(ContainerStateRunning
1 startedAt)",
R"(ContainerStateTerminated
1 exitCode
2 signal
3 reason
4 message
5 startedAt
6 finishedAt
7 containerID)",
R"(ContainerStateWaiting
1 reason
2 message)",
R"(ContainerStatus
1 name
2 state
3 lastState
4 ready
5 restartCount
6 image
7 imageID
8 containerID
9 started
10 allocatedResources
11 resources
12 volumeMounts
13 user
14 allocatedResourcesStatus
15 stopSignal)",
R"(ContainerUser
1 linux)",
R"(ControllerRevision
1 metadata
2 data
3 revision)",
R"(CronJob
1 metadata
2 spec
3 status)",
R"(CronJobSpec
1 schedule
2 startingDeadlineSeconds
3 concurrencyPolicy
4 suspend
5 jobTemplate
6 successfulJobsHistoryLimit
7 failedJobsHistoryLimit
8 timeZone)",
R"(CronJobStatus
1 active
4 lastScheduleTime
5 lastSuccessfulTime)",
R"(CrossVersionObjectReference
1 kind
2 name
3 apiVersion)",
R"(CustomResourceColumnDefinition
1 name
2 type
3 format
4 description
5 priority
6 jsonPath)",
R"(CustomResourceConversion
1 strategy
2 webhook)",
R"(CustomResourceDefinition
1 metadata
2 spec
3 status)",
R"(CustomResourceDefinitionCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(CustomResourceDefinitionNames
1 plural
2 singular
3 shortNames
4 kind
5 listKind
6 categories)",
R"(CustomResourceDefinitionSpec
1 group
3 names
4 scope
7 versions
9 conversion
10 preserveUnknownFields)",
R"(CustomResourceDefinitionStatus
1 conditions
2 acceptedNames
3 storedVersions)",
R"(CustomResourceDefinitionVersion
1 name
2 served
3 storage
4 schema
5 subresources
6 additionalPrinterColumns
7 deprecated
8 deprecationWarning
9 selectableFields)",
R"(CustomResourceSubresourceScale
1 specReplicasPath
2 statusReplicasPath
3 labelSelectorPath)",
R"(CustomResourceSubresourceStatus)",
R"(CustomResourceSubresources
1 status
2 scale)",
R"(CustomResourceValidation
1 openAPIV3Schema)",
R"(DaemonEndpoint
1 Port)",
R"(DaemonSet
1 metadata
2 spec
3 status)",
R"(DaemonSetCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(DaemonSetSpec
1 selector
2 template
3 updateStrategy
4 minReadySeconds
6 revisionHistoryLimit)",
R"(DaemonSetStatus
1 currentNumberScheduled
2 numberMisscheduled
3 desiredNumberScheduled
4 numberReady
5 observedGeneration
6 updatedNumberScheduled
7 numberAvailable
8 numberUnavailable
9 collisionCount
10 conditions)",
R"(DaemonSetUpdateStrategy
1 type
2 rollingUpdate)",
R"(DeleteOptions
1 gracePeriodSeconds
2 preconditions
3 orphanDependents
4 propagationPolicy
5 dryRun
6 ignoreStoreReadErrorWithClusterBreakingPotential)",
R"(Deployment
1 metadata
2 spec
3 status)",
R"(DeploymentCondition
1 type
2 status
4 reason
5 message
6 lastUpdateTime
7 lastTransitionTime)",
R"(DeploymentSpec
1 replicas
2 selector
3 template
4 strategy
5 minReadySeconds
6 revisionHistoryLimit
7 paused
9 progressDeadlineSeconds)",
R"(DeploymentStatus
1 observedGeneration
2 replicas
3 updatedReplicas
4 availableReplicas
5 unavailableReplicas
6 conditions
7 readyReplicas
8 collisionCount
9 terminatingReplicas)",
R"(DeploymentStrategy
1 type
2 rollingUpdate)",
R"(DownwardAPIProjection
1 items)",
R"(DownwardAPIVolumeFile
1 path
2 fieldRef
3 resourceFieldRef
4 mode)",
R"(DownwardAPIVolumeSource
1 items
2 defaultMode)",
R"(EmptyDirVolumeSource
1 medium
2 sizeLimit)",
R"(Endpoint
1 addresses
2 conditions
3 hostname
4 targetRef
5 deprecatedTopology
6 nodeName
7 zone
8 hints)",
R"(EndpointAddress
1 ip
2 targetRef
3 hostname
4 nodeName)",
R"(EndpointConditions
1 ready
2 serving
3 terminating)",
R"(EndpointHints
1 forZones
2 forNodes)",
R"(EndpointPort
1 name
2 protocol
3 port
4 appProtocol)",
R"(EndpointSlice
1 metadata
2 endpoints
3 ports
4 addressType)",
R"(EndpointSubset
1 addresses
2 notReadyAddresses
3 ports)",
R"(Endpoints
1 metadata
2 subsets)",
R"(EnvFromSource
1 prefix
2 configMapRef
3 secretRef)",
R"(EnvVar
1 name
2 value
3 valueFrom)",
R"(EnvVarSource
1 fieldRef
2 resourceFieldRef
3 configMapKeyRef
4 secretKeyRef
5 fileKeyRef)",
R"(EphemeralContainer
1 >EphemeralContainerCommon
2 targetContainerName)",
R"(EphemeralContainerCommon
1 name
2 image
3 command
4 args
5 workingDir
6 ports
7 env
8 resources
9 volumeMounts
10 livenessProbe
11 readinessProbe
12 lifecycle
13 terminationMessagePath
14 imagePullPolicy
15 securityContext
16 stdin
17 stdinOnce
18 tty
19 envFrom
20 terminationMessagePolicy
21 volumeDevices
22 startupProbe
23 resizePolicy
24 restartPolicy
25 restartPolicyRules)",
R"(EphemeralVolumeSource
1 volumeClaimTemplate)",
R"(Event
1 metadata
2 involvedObject
3 reason
4 message
5 source
6 firstTimestamp
7 lastTimestamp
8 count
9 type
10 eventTime
11 series
12 action
13 related
14 reportingComponent
15 reportingInstance)",
R"(EventSeries
1 count
2 lastObservedTime)",
R"(EventSource
1 component
2 host)",
R"(Eviction
1 metadata
2 deleteOptions)",
R"(ExecAction
1 command)",
R"(ExternalDocumentation
1 description
2 url)",
R"(ExternalMetricSource
1 metric
2 target)",
R"(ExternalMetricStatus
1 metric
2 current)",
R"(FCVolumeSource
1 targetWWNs
2 lun
3 fsType
4 readOnly
5 wwids)",
R"(FieldSelectorAttributes
1 rawSelector
2 requirements)",
R"(FieldSelectorRequirement
1 key
2 operator
3 values)",
R"(FileKeySelector
1 volumeName
2 path
3 key
4 optional)",
R"(FlexPersistentVolumeSource
1 driver
2 fsType
3 secretRef
4 readOnly
5 options)",
R"(FlexVolumeSource
1 driver
2 fsType
3 secretRef
4 readOnly
5 options)",
R"(FlockerVolumeSource
1 datasetName
2 datasetUUID)",
R"(ForNode
1 name)",
R"(ForZone
1 name)",
R"(GCEPersistentDiskVolumeSource
1 pdName
2 fsType
3 partition
4 readOnly)",
R"(GRPCAction
1 port
2 service)",
R"(GitRepoVolumeSource
1 repository
2 revision
3 directory)",
R"(GlusterfsPersistentVolumeSource
1 endpoints
2 path
3 readOnly
4 endpointsNamespace)",
R"(GlusterfsVolumeSource
1 endpoints
2 path
3 readOnly)",
R"(HPAScalingPolicy
1 type
2 value
3 periodSeconds)",
R"(HPAScalingRules
1 selectPolicy
2 policies
3 stabilizationWindowSeconds
4 tolerance)",
R"(HTTPGetAction
1 path
2 port
3 host
4 scheme
5 httpHeaders)",
R"(HTTPHeader
1 name
2 value)",
R"(HTTPIngressPath
1 path
2 backend
3 pathType)",
R"(HTTPIngressRuleValue
1 paths)",
R"(HorizontalPodAutoscaler
1 metadata
2 spec
3 status)",
R"(HorizontalPodAutoscalerBehavior
1 scaleUp
2 scaleDown)",
R"(HorizontalPodAutoscalerCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(HorizontalPodAutoscalerSpec
1 scaleTargetRef
2 minReplicas
3 maxReplicas
4 metrics
5 behavior)",
R"(HorizontalPodAutoscalerStatus
1 observedGeneration
2 lastScaleTime
3 currentReplicas
4 desiredReplicas
5 currentMetrics
6 conditions)",
R"(HostAlias
1 ip
2 hostnames)",
R"(HostIP
1 ip)",
R"(HostPathVolumeSource
1 path
2 type)",
R"(IPBlock
1 cidr
2 except)",
R"(ISCSIPersistentVolumeSource
1 targetPortal
2 iqn
3 lun
4 iscsiInterface
5 fsType
6 readOnly
7 portals
8 chapAuthDiscovery
10 secretRef
11 chapAuthSession
12 initiatorName)",
R"(ISCSIVolumeSource
1 targetPortal
2 iqn
3 lun
4 iscsiInterface
5 fsType
6 readOnly
7 portals
8 chapAuthDiscovery
10 secretRef
11 chapAuthSession
12 initiatorName)",
R"(ImageVolumeSource
1 reference
2 pullPolicy)",
R"(Ingress
1 metadata
2 spec
3 status)",
R"(IngressBackend
3 resource
4 service)",
R"(IngressLoadBalancerIngress
1 ip
2 hostname
4 ports)",
R"(IngressLoadBalancerStatus
1 ingress)",
R"(IngressPortStatus
1 port
2 protocol
3 error)",
R"(IngressRule
1 host
2 >IngressRuleValue)",
R"(IngressRuleValue
1 http)",
R"(IngressServiceBackend
1 name
2 port)",
R"(IngressSpec
1 defaultBackend
2 tls
3 rules
4 ingressClassName)",
R"(IngressStatus
1 loadBalancer)",
R"(IngressTLS
1 hosts
2 secretName)",
R"(JSONSchemaProps
1 id
2 $schema
3 $ref
4 description
5 type
6 format
7 title
8 default
9 maximum
10 exclusiveMaximum
11 minimum
12 exclusiveMinimum
13 maxLength
14 minLength
15 pattern
16 maxItems
17 minItems
18 uniqueItems
19 multipleOf
20 enum
21 maxProperties
22 minProperties
23 required
24 items or-array
25 allOf
26 oneOf
27 anyOf
28 not
29 properties
30 additionalProperties or-bool
31 patternProperties
32 dependencies or-strings
33 additionalItems or-bool
34 definitions
35 externalDocs
36 example
37 nullable
38 x-kubernetes-preserve-unknown-fields
39 x-kubernetes-embedded-resource
40 x-kubernetes-int-or-string
41 x-kubernetes-list-map-keys
42 x-kubernetes-list-type
43 x-kubernetes-map-type
44 x-kubernetes-validations)",
R"(Job
1 metadata
2 spec
3 status)",
R"(JobCondition
1 type
2 status
3 lastProbeTime
4 lastTransitionTime
5 reason
6 message)",
R"(JobSpec
1 parallelism
2 completions
3 activeDeadlineSeconds
4 selector
5 manualSelector
6 template
7 backoffLimit
8 ttlSecondsAfterFinished
9 completionMode
10 suspend
11 podFailurePolicy
12 backoffLimitPerIndex
13 maxFailedIndexes
14 podReplacementPolicy
15 managedBy
16 successPolicy)",
R"(JobStatus
1 conditions
2 startTime
3 completionTime
4 active
5 succeeded
6 failed
7 completedIndexes
8 uncountedTerminatedPods
9 ready
10 failedIndexes
11 terminating)",
R"(JobTemplateSpec
1 metadata
2 spec)",
R"(KeyToPath
1 key
2 path
3 mode)",
R"(LabelSelector
1 matchLabels
2 matchExpressions)",
R"(LabelSelectorAttributes
1 rawSelector
2 requirements)",
R"(LabelSelectorRequirement
1 key
2 operator
3 values)",
R"(Lease
1 metadata
2 spec)",
R"(LeaseSpec
1 holderIdentity
2 leaseDurationSeconds
3 acquireTime
4 renewTime
5 leaseTransitions
6 strategy
7 preferredHolder)",
R"(Lifecycle
1 postStart
2 preStop
3 stopSignal)",
R"(LifecycleHandler
1 exec
2 httpGet
3 tcpSocket
4 sleep)",
R"(LimitRange
1 metadata
2 spec)",
R"(LimitRangeItem
1 type
2 max
3 min
4 default
5 defaultRequest
6 maxLimitRequestRatio)",
R"(LimitRangeSpec
1 limits)",
R"(LinuxContainerUser
1 uid
2 gid
3 supplementalGroups)",
R"(ListMeta
1 selfLink
2 resourceVersion
3 continue
4 remainingItemCount)",
R"(LoadBalancerIngress
1 ip
2 hostname
3 ipMode
4 ports)",
R"(LoadBalancerStatus
1 ingress)",
R"(LocalObjectReference
1 name)",
R"(LocalSubjectAccessReview
1 metadata
2 spec
3 status)",
R"(LocalVolumeSource
1 path
2 fsType)",
R"(ManagedFieldsEntry
1 manager
2 operation
3 apiVersion
4 time
6 fieldsType
7 fieldsV1
8 subresource)",
R"(MatchCondition
1 name
2 expression)",
R"(MetricIdentifier
1 name
2 selector)",
R"(MetricSpec
1 type
2 object
3 pods
4 resource
5 external
7 containerResource)",
R"(MetricStatus
1 type
2 object
3 pods
4 resource
5 external
7 containerResource)",
R"(MetricTarget
1 type
2 value
3 averageValue
4 averageUtilization)",
R"(MetricValueStatus
1 value
2 averageValue
3 averageUtilization)",
R"(ModifyVolumeStatus
1 targetVolumeAttributesClassName
2 status)",
R"(MutatingWebhook
1 name
2 clientConfig
3 rules
4 failurePolicy
5 namespaceSelector
6 sideEffects
7 timeoutSeconds
8 admissionReviewVersions
9 matchPolicy
10 reinvocationPolicy
11 objectSelector
12 matchConditions)",
R"(MutatingWebhookConfiguration
1 metadata
2 webhooks)",
R"(NFSVolumeSource
1 server
2 path
3 readOnly)",
R"(Namespace
1 metadata
2 spec
3 status)",
R"(NamespaceCondition
1 type
2 status
4 lastTransitionTime
5 reason
6 message)",
R"(NamespaceSpec
1 finalizers)",
R"(NamespaceStatus
1 phase
2 conditions)",
R"(NetworkPolicy
1 metadata
2 spec)",
R"(NetworkPolicyEgressRule
1 ports
2 to)",
R"(NetworkPolicyIngressRule
1 ports
2 from)",
R"(NetworkPolicyPeer
1 podSelector
2 namespaceSelector
3 ipBlock)",
R"(NetworkPolicyPort
1 protocol
2 port
3 endPort)",
R"(NetworkPolicySpec
1 podSelector
2 ingress
3 egress
4 policyTypes)",
R"(Node
1 metadata
2 spec
3 status)",
R"(NodeAddress
1 type
2 address)",
R"(NodeAffinity
1 requiredDuringSchedulingIgnoredDuringExecution
2 preferredDuringSchedulingIgnoredDuringExecution)",
R"(NodeCondition
1 type
2 status
3 lastHeartbeatTime
4 lastTransitionTime
5 reason
6 message)",
R"(NodeConfigSource
2 configMap)",
R"(NodeConfigStatus
1 assigned
2 active
3 lastKnownGood
4 error)",
R"(NodeDaemonEndpoints
1 kubeletEndpoint)",
R"(NodeFeatures
1 supplementalGroupsPolicy)",
R"(NodeRuntimeHandler
1 name
2 features)",
R"(NodeRuntimeHandlerFeatures
1 recursiveReadOnlyMounts
2 userNamespaces)",
R"(NodeSelector
1 nodeSelectorTerms)",
R"(NodeSelectorRequirement
1 key
2 operator
3 values)",
R"(NodeSelectorTerm
1 matchExpressions
2 matchFields)",
R"(NodeSpec
1 podCIDR
2 externalID
3 providerID
4 unschedulable
5 taints
6 configSource
7 podCIDRs)",
R"(NodeStatus
1 capacity
2 allocatable
3 phase
4 conditions
5 addresses
6 daemonEndpoints
7 nodeInfo
8 images
9 volumesInUse
10 volumesAttached
11 config
12 runtimeHandlers
13 features)",
R"(NodeSwapStatus
1 capacity)",
R"(NodeSystemInfo
1 machineID
2 systemUUID
3 bootID
4 kernelVersion
5 osImage
6 containerRuntimeVersion
7 kubeletVersion
8 kubeProxyVersion
9 operatingSystem
10 architecture
11 swap)",
R"(NonResourceAttributes
1 path
2 verb)",
R"(NonResourceRule
1 verbs
2 nonResourceURLs)",
R"(ObjectFieldSelector
1 apiVersion
2 fieldPath)",
R"(ObjectMeta
1 name
2 generateName
3 namespace
4 selfLink
5 uid
6 resourceVersion
7 generation
8 creationTimestamp
9 deletionTimestamp
10 deletionGracePeriodSeconds
11 labels
12 annotations
13 ownerReferences
14 finalizers
17 managedFields)",
R"(ObjectMetricSource
1 describedObject
2 target
3 metric)",
R"(ObjectMetricStatus
1 metric
2 current
3 describedObject)",
R"(ObjectReference
1 kind
2 namespace
3 name
4 uid
5 apiVersion
6 resourceVersion
7 fieldPath)",
R"(Overhead
1 podFixed)",
R"(OwnerReference
1 kind
3 name
4 uid
5 apiVersion
6 controller
7 blockOwnerDeletion)",
R"(PersistentVolume
1 metadata
2 spec
3 status)",
R"(PersistentVolumeClaim
1 metadata
2 spec
3 status)",
R"(PersistentVolumeClaimCondition
1 type
2 status
3 lastProbeTime
4 lastTransitionTime
5 reason
6 message)",
R"(PersistentVolumeClaimSpec
1 accessModes
2 resources
3 volumeName
4 selector
5 storageClassName
6 volumeMode
7 dataSource
8 dataSourceRef
9 volumeAttributesClassName)",
R"(PersistentVolumeClaimStatus
1 phase
2 accessModes
3 capacity
4 conditions
5 allocatedResources
7 allocatedResourceStatuses
8 currentVolumeAttributesClassName
9 modifyVolumeStatus)",
R"(PersistentVolumeClaimTemplate
1 metadata
2 spec)",
R"(PersistentVolumeClaimVolumeSource
1 claimName
2 readOnly)",
R"(PersistentVolumeSource
1 gcePersistentDisk
2 awsElasticBlockStore
3 hostPath
4 glusterfs
5 nfs
6 rbd
7 iscsi
8 cinder
9 cephfs
10 fc
11 flocker
12 flexVolume
13 azureFile
14 vsphereVolume
15 quobyte
16 azureDisk
17 photonPersistentDisk
18 portworxVolume
19 scaleIO
20 local
21 storageos
22 csi)",
R"(PersistentVolumeSpec
1 capacity
2 >PersistentVolumeSource
3 accessModes
4 claimRef
5 persistentVolumeReclaimPolicy
6 storageClassName
7 mountOptions
8 volumeMode
9 nodeAffinity
10 volumeAttributesClassName)",
R"(PersistentVolumeStatus
1 phase
2 message
3 reason
4 lastPhaseTransitionTime)",
R"(PhotonPersistentDiskVolumeSource
1 pdID
2 fsType)",
R"(Pod
1 metadata
2 spec
3 status)",
R"(PodAffinity
1 requiredDuringSchedulingIgnoredDuringExecution
2 preferredDuringSchedulingIgnoredDuringExecution)",
R"(PodAffinityTerm
1 labelSelector
2 namespaces
3 topologyKey
4 namespaceSelector
5 matchLabelKeys
6 mismatchLabelKeys)",
R"(PodAntiAffinity
1 requiredDuringSchedulingIgnoredDuringExecution
2 preferredDuringSchedulingIgnoredDuringExecution)",
R"(PodCertificateProjection
1 signerName
2 keyType
3 maxExpirationSeconds
4 credentialBundlePath
5 keyPath
6 certificateChainPath)",
R"(PodCondition
1 type
2 status
3 lastProbeTime
4 lastTransitionTime
5 reason
6 message
7 observedGeneration)",
R"(PodDNSConfig
1 nameservers
2 searches
3 options)",
R"(PodDNSConfigOption
1 name
2 value)",
R"(PodDisruptionBudget
1 metadata
2 spec
3 status)",
R"(PodDisruptionBudgetSpec
1 minAvailable
2 selector
3 maxUnavailable
4 unhealthyPodEvictionPolicy)",
R"(PodDisruptionBudgetStatus
1 observedGeneration
2 disruptedPods
3 disruptionsAllowed
4 currentHealthy
5 desiredHealthy
6 expectedPods
7 conditions)",
R"(PodExtendedResourceClaimStatus
1 requestMappings
2 resourceClaimName)",
R"(PodFailurePolicy
1 rules)",
R"(PodFailurePolicyOnExitCodesRequirement
1 containerName
2 operator
3 values)",
R"(PodFailurePolicyOnPodConditionsPattern
1 type
2 status)",
R"(PodFailurePolicyRule
1 action
2 onExitCodes
3 onPodConditions)",
R"(PodIP
1 ip)",
R"(PodOS
1 name)",
R"(PodReadinessGate
1 conditionType)",
R"(PodResourceClaim
1 name
3 resourceClaimName
4 resourceClaimTemplateName)",
R"(PodResourceClaimStatus
1 name
2 resourceClaimName)",
R"(PodSchedulingGate
1 name)",
R"(PodSecurityContext
1 seLinuxOptions
2 runAsUser
3 runAsNonRoot
4 supplementalGroups
5 fsGroup
6 runAsGroup
7 sysctls
8 windowsOptions
9 fsGroupChangePolicy
10 seccompProfile
11 appArmorProfile
12 supplementalGroupsPolicy
13 seLinuxChangePolicy)",
R"(PodSpec
1 volumes
2 containers
3 restartPolicy
4 terminationGracePeriodSeconds
5 activeDeadlineSeconds
6 dnsPolicy
7 nodeSelector
8 serviceAccountName
9 serviceAccount
10 nodeName
11 hostNetwork
12 hostPID
13 hostIPC
14 securityContext
15 imagePullSecrets
16 hostname
17 subdomain
18 affinity
19 schedulerName
20 initContainers
21 automountServiceAccountToken
22 tolerations
23 hostAliases
24 priorityClassName
25 priority
26 dnsConfig
27 shareProcessNamespace
28 readinessGates
29 runtimeClassName
30 enableServiceLinks
31 preemptionPolicy
32 overhead
33 topologySpreadConstraints
34 ephemeralContainers
35 setHostnameAsFQDN
36 os
37 hostUsers
38 schedulingGates
39 resourceClaims
40 resources
41 hostnameOverride)",
R"(PodStatus
1 phase
2 conditions
3 message
4 reason
5 hostIP
6 podIP
7 startTime
8 containerStatuses
9 qosClass
10 initContainerStatuses
11 nominatedNodeName
12 podIPs
13 ephemeralContainerStatuses
14 resize
15 resourceClaimStatuses
16 hostIPs
17 observedGeneration
18 extendedResourceClaimStatus)",
R"(PodTemplate
1 metadata
2 template)",
R"(PodTemplateSpec
1 metadata
2 spec)",
R"(PodsMetricSource
1 metric
2 target)",
R"(PodsMetricStatus
1 metric
2 current)",
R"(PolicyRule
1 verbs
2 apiGroups
3 resources
4 resourceNames
5 nonResourceURLs)",
R"(PortStatus
1 port
2 protocol
3 error)",
R"(PortworxVolumeSource
1 volumeID
2 fsType
3 readOnly)",
R"(Preconditions
1 uid
2 resourceVersion)",
R"(PreferredSchedulingTerm
1 weight
2 preference)",
R"(PriorityClass
1 metadata
2 value
3 globalDefault
4 description
5 preemptionPolicy)",
R"(Probe
1 >ProbeHandler
2 initialDelaySeconds
3 timeoutSeconds
4 periodSeconds
5 successThreshold
6 failureThreshold
7 terminationGracePeriodSeconds)",
R"(ProbeHandler
1 exec
2 httpGet
3 tcpSocket
4 grpc)",
R"(ProjectedVolumeSource
1 sources
2 defaultMode)",
R"(QuobyteVolumeSource
1 registry
2 volume
3 readOnly
4 user
5 group
6 tenant)",
R"(RBDPersistentVolumeSource
1 monitors
2 image
3 fsType
4 pool
5 user
6 keyring
7 secretRef
8 readOnly)",
R"(RBDVolumeSource
1 monitors
2 image
3 fsType
4 pool
5 user
6 keyring
7 secretRef
8 readOnly)",
R"(ReplicaSet
1 metadata
2 spec
3 status)",
R"(ReplicaSetCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(ReplicaSetSpec
1 replicas
2 selector
3 template
4 minReadySeconds)",
R"(ReplicaSetStatus
1 replicas
2 fullyLabeledReplicas
3 observedGeneration
4 readyReplicas
5 availableReplicas
6 conditions
7 terminatingReplicas)",
R"(ReplicationController
1 metadata
2 spec
3 status)",
R"(ReplicationControllerCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(ReplicationControllerSpec
1 replicas
2 selector
3 template
4 minReadySeconds)",
R"(ReplicationControllerStatus
1 replicas
2 fullyLabeledReplicas
3 observedGeneration
4 readyReplicas
5 availableReplicas
6 conditions)",
R"(ResourceAttributes
1 namespace
2 verb
3 group
4 version
5 resource
6 subresource
7 name
8 fieldSelector
9 labelSelector)",
R"(ResourceClaim
1 name
2 request)",
R"(ResourceFieldSelector
1 containerName
2 resource
3 divisor)",
R"(ResourceHealth
1 resourceID
2 health)",
R"(ResourceMetricSource
1 name
2 target)",
R"(ResourceMetricStatus
1 name
2 current)",
R"(ResourceQuota
1 metadata
2 spec
3 status)",
R"(ResourceQuotaSpec
1 hard
2 scopes
3 scopeSelector)",
R"(ResourceQuotaStatus
1 hard
2 used)",
R"(ResourceRequirements
1 limits
2 requests
3 claims)",
R"(ResourceRule
1 verbs
2 apiGroups
3 resources
4 resourceNames)",
R"(ResourceStatus
1 name
2 resources)",
R"(Role
1 metadata
2 rules)",
R"(RoleBinding
1 metadata
2 subjects
3 roleRef)",
R"(RoleRef
1 apiGroup
2 kind
3 name)",
R"(RollingUpdateDaemonSet
1 maxUnavailable
2 maxSurge)",
R"(RollingUpdateDeployment
1 maxUnavailable
2 maxSurge)",
R"(RollingUpdateStatefulSetStrategy
1 partition
2 maxUnavailable)",
R"(Rule
1 apiGroups
2 apiVersions
3 resources
4 scope)",
R"(RuleWithOperations
1 operations
2 >Rule)",
R"(RuntimeClass
1 metadata
2 handler
3 overhead
4 scheduling)",
R"(SELinuxOptions
1 user
2 role
3 type
4 level)",
R"(Scale
1 metadata
2 spec
3 status)",
R"(ScaleIOPersistentVolumeSource
1 gateway
2 system
3 secretRef
4 sslEnabled
5 protectionDomain
6 storagePool
7 storageMode
8 volumeName
9 fsType
10 readOnly)",
R"(ScaleIOVolumeSource
1 gateway
2 system
3 secretRef
4 sslEnabled
5 protectionDomain
6 storagePool
7 storageMode
8 volumeName
9 fsType
10 readOnly)",
R"(ScaleSpec
1 replicas)",
R"(ScaleStatus
1 replicas
2 selector)",
R"(Scheduling
1 nodeSelector
2 tolerations)",
R"(ScopeSelector
1 matchExpressions)",
R"(ScopedResourceSelectorRequirement
1 scopeName
2 operator
3 values)",
R"(SeccompProfile
1 type
2 localhostProfile)",
R"(Secret
1 metadata
2 data
3 type
4 stringData
5 immutable)",
R"(SecretEnvSource
1 >LocalObjectReference
2 optional)",
R"(SecretKeySelector
1 >LocalObjectReference
2 key
3 optional)",
R"(SecretProjection
1 >LocalObjectReference
2 items
4 optional)",
R"(SecretReference
1 name
2 namespace)",
R"(SecretVolumeSource
1 secretName
2 items
3 defaultMode
4 optional)",
R"(SecurityContext
1 capabilities
2 privileged
3 seLinuxOptions
4 runAsUser
5 runAsNonRoot
6 readOnlyRootFilesystem
7 allowPrivilegeEscalation
8 runAsGroup
9 procMount
10 windowsOptions
11 seccompProfile
12 appArmorProfile)",
R"(SelectableField
1 jsonPath)",
R"(SelfSubjectAccessReview
1 metadata
2 spec
3 status)",
R"(SelfSubjectAccessReviewSpec
1 resourceAttributes
2 nonResourceAttributes)",
R"(SelfSubjectReview
1 metadata
2 status)",
R"(SelfSubjectReviewStatus
1 userInfo)",
R"(SelfSubjectRulesReview
1 metadata
2 spec
3 status)",
R"(SelfSubjectRulesReviewSpec
1 namespace)",
R"(Service
1 metadata
2 spec
3 status)",
R"(ServiceAccount
1 metadata
2 secrets
3 imagePullSecrets
4 automountServiceAccountToken)",
R"(ServiceAccountTokenProjection
1 audience
2 expirationSeconds
3 path)",
R"(ServiceBackendPort
1 name
2 number)",
R"(ServicePort
1 name
2 protocol
3 port
4 targetPort
5 nodePort
6 appProtocol)",
R"(ServiceReference
1 namespace
2 name
3 path
4 port)",
R"(ServiceSpec
1 ports
2 selector
3 clusterIP
4 type
5 externalIPs
7 sessionAffinity
8 loadBalancerIP
9 loadBalancerSourceRanges
10 externalName
11 externalTrafficPolicy
12 healthCheckNodePort
13 publishNotReadyAddresses
14 sessionAffinityConfig
17 ipFamilyPolicy
18 clusterIPs
19 ipFamilies
20 allocateLoadBalancerNodePorts
21 loadBalancerClass
22 internalTrafficPolicy
23 trafficDistribution)",
R"(ServiceStatus
1 loadBalancer
2 conditions)",
R"(SessionAffinityConfig
1 clientIP)",
R"(SleepAction
1 seconds)",
R"(StatefulSet
1 metadata
2 spec
3 status)",
R"(StatefulSetCondition
1 type
2 status
3 lastTransitionTime
4 reason
5 message)",
R"(StatefulSetOrdinals
1 start)",
R"(StatefulSetPersistentVolumeClaimRetentionPolicy
1 whenDeleted
2 whenScaled)",
R"(StatefulSetSpec
1 replicas
2 selector
3 template
4 volumeClaimTemplates
5 serviceName
6 podManagementPolicy
7 updateStrategy
8 revisionHistoryLimit
9 minReadySeconds
10 persistentVolumeClaimRetentionPolicy
11 ordinals)",
R"(StatefulSetStatus
1 observedGeneration
2 replicas
3 readyReplicas
4 currentReplicas
5 updatedReplicas
6 currentRevision
7 updateRevision
9 collisionCount
10 conditions
11 availableReplicas)",
R"(StatefulSetUpdateStrategy
1 type
2 rollingUpdate)",
R"(Status
1 metadata
2 status
3 message
4 reason
5 details
6 code)",
R"(StatusCause
1 reason
2 message
3 field)",
R"(StatusDetails
1 name
2 group
3 kind
4 causes
5 retryAfterSeconds
6 uid)",
R"(StorageClass
1 metadata
2 provisioner
3 parameters
4 reclaimPolicy
5 mountOptions
6 allowVolumeExpansion
7 volumeBindingMode
8 allowedTopologies)",
R"(StorageOSPersistentVolumeSource
1 volumeName
2 volumeNamespace
3 fsType
4 readOnly
5 secretRef)",
R"(StorageOSVolumeSource
1 volumeName
2 volumeNamespace
3 fsType
4 readOnly
5 secretRef)",
R"(Subject
1 kind
2 apiGroup
3 name
4 namespace)",
R"(SubjectAccessReview
1 metadata
2 spec
3 status)",
R"(SubjectAccessReviewSpec
1 resourceAttributes
2 nonResourceAttributes
3 user
4 groups
5 extra
6 uid)",
R"(SubjectAccessReviewStatus
1 allowed
2 reason
3 evaluationError
4 denied)",
R"(SubjectRulesReviewStatus
1 resourceRules
2 nonResourceRules
3 incomplete
4 evaluationError)",
R"(SuccessPolicy
1 rules)",
R"(SuccessPolicyRule
1 succeededIndexes
2 succeededCount)",
R"(Sysctl
1 name
2 value)",
R"(TCPSocketAction
1 port
2 host)",
R"(Taint
1 key
2 value
3 effect
4 timeAdded)",
R"(TokenRequest
1 metadata
2 spec
3 status)",
R"(TokenRequestSpec
1 audiences
3 boundObjectRef
4 expirationSeconds)",
R"(TokenRequestStatus
1 token
2 expirationTimestamp)",
R"(TokenReview
1 metadata
2 spec
3 status)",
R"(TokenReviewSpec
1 token
2 audiences)",
R"(TokenReviewStatus
1 authenticated
2 user
3 error
4 audiences)",
R"(Toleration
1 key
2 operator
3 value
4 effect
5 tolerationSeconds)",
R"(TopologySelectorLabelRequirement
1 key
2 values)",
R"(TopologySelectorTerm
1 matchLabelExpressions)",
R"(TopologySpreadConstraint
1 maxSkew
2 topologyKey
3 whenUnsatisfiable
4 labelSelector
5 minDomains
6 nodeAffinityPolicy
7 nodeTaintsPolicy
8 matchLabelKeys)",
R"(TypedLocalObjectReference
1 apiGroup
2 kind
3 name)",
R"(TypedObjectReference
1 apiGroup
2 kind
3 name
4 namespace)",
R"(UncountedTerminatedPods
1 succeeded
2 failed)",
R"(UserInfo
1 username
2 uid
3 groups
4 extra)",
R"(ValidatingWebhook
1 name
2 clientConfig
3 rules
4 failurePolicy
5 namespaceSelector
6 sideEffects
7 timeoutSeconds
8 admissionReviewVersions
9 matchPolicy
10 objectSelector
11 matchConditions)",
R"(ValidatingWebhookConfiguration
1 metadata
2 webhooks)",
R"(ValidationRule
1 rule
2 message
3 messageExpression
4 reason
5 fieldPath
6 optionalOldSelf)",
R"(Volume
1 name
2 >VolumeSource)",
R"(VolumeDevice
1 name
2 devicePath)",
R"(VolumeMount
1 name
2 readOnly
3 mountPath
4 subPath
5 mountPropagation
6 subPathExpr
7 recursiveReadOnly)",
R"(VolumeMountStatus
1 name
2 mountPath
3 readOnly
4 recursiveReadOnly)",
R"(VolumeNodeAffinity
1 required)",
R"(VolumeProjection
1 secret
2 downwardAPI
3 configMap
4 serviceAccountToken
5 clusterTrustBundle
6 podCertificate)",
R"(VolumeResourceRequirements
1 limits
2 requests)",
R"(VolumeSource
1 hostPath
2 emptyDir
3 gcePersistentDisk
4 awsElasticBlockStore
5 gitRepo
6 secret
7 nfs
8 iscsi
9 glusterfs
10 persistentVolumeClaim
11 rbd
12 flexVolume
13 cinder
14 cephfs
15 flocker
16 downwardAPI
17 fc
18 azureFile
19 configMap
20 vsphereVolume
21 quobyte
22 azureDisk
23 photonPersistentDisk
24 portworxVolume
25 scaleIO
26 projected
27 storageos
28 csi
29 ephemeral
30 image)",
R"(VsphereVirtualDiskVolumeSource
1 volumePath
2 fsType
3 storagePolicyName
4 storagePolicyID)",
R"(WebhookClientConfig
1 service
2 caBundle
3 url)",
R"(WebhookConversion
2 clientConfig
3 conversionReviewVersions)",
R"(WeightedPodAffinityTerm
1 weight
2 podAffinityTerm)",
R"(WindowsSecurityContextOptions
1 gmsaCredentialSpecName
2 gmsaCredentialSpec
3 runAsUserName
4 hostProcess)",
R"(apiextensions.ServiceReference
1 namespace
2 name
3 path
4 port)",
R"(apiextensions.WebhookClientConfig
1 service
2 caBundle
3 url)",
R"(core.EndpointPort
1 name
2 port
3 protocol
4 appProtocol)",
R"(events.Event
1 metadata
2 eventTime
3 series
4 reportingController
5 reportingInstance
6 action
7 reason
8 regarding
9 related
10 note
11 type
12 deprecatedSource
13 deprecatedFirstTimestamp
14 deprecatedLastTimestamp
15 deprecatedCount)",
R"(events.EventSeries
1 count
2 lastObservedTime)",
};

}  // namespace

std::span<const std::string_view> message_texts() { return kMessages; }

}  // namespace kthena::apiserver
