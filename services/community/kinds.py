"""The code lists of community that more than one noun reads."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is. Any of them may join; none is worth less for being small."""

    PEER_GROUP = "peer-group"
    CARERS_GROUP = "carers-group"
    EXPERTS_BY_EXPERIENCE = "experts-by-experience"
    COMMUNITY_GROUP = "community-group"
    FAITH_GROUP = "faith-group"
    CHARITY = "charity"
    SOCIAL_ENTERPRISE = "social-enterprise"
    CRISIS_HOUSE = "crisis-house"
    CRISIS_LINE = "crisis-line"
    ASSESSMENT_CENTRE = "assessment-centre"
    EMERGENCY_DEPARTMENT = "emergency-department"
    HOSPITAL_WARD = "hospital-ward"
    COMMUNITY_TEAM = "community-team"
    NHS_TRUST = "nhs-trust"
    GP_PRACTICE = "gp-practice"
    PRIMARY_CARE_NETWORK = "primary-care-network"
    AMBULANCE_SERVICE = "ambulance-service"
    COUNCIL = "council"
    HOUSING_PROVIDER = "housing-provider"
    ADVOCACY = "advocacy"
    SCHOOL_OR_COLLEGE = "school-or-college"
    POLICE = "police"
    CUSTODY = "custody"
    BUSINESS = "business"
    OTHER = "other"


class Category(StrEnum):
    """The guide's nine kinds of asset (M2)."""

    HUBS_BUILDINGS_SPACES = "locality-hubs-buildings-and-spaces"
    STATUTORY = "organisations-statutory"
    VCSE = "organisations-vcse"
    GROUPS = "associations-groups-forums-and-networks"
    INDIVIDUALS_VOLUNTEERS = "individuals-non-profit-and-volunteers"
    INDIVIDUALS_PROFESSIONALS = "individuals-professionals"
    SOCIAL_PRESCRIBING = "social-prescribing-provision"
    PRIMARY_CARE_NETWORKS = "primary-care-networks"
    LOCAL_ECONOMY = "local-economy-and-private-sector"


class Membership(StrEnum):
    """Where an organisation stands. ``LISTED`` came from a directory and has not asked to join."""

    LISTED = "listed"
    ASKED = "asked-to-join"
    JOINED = "joined"
    SUSPENDED = "suspended"
    ENDED = "ended"
