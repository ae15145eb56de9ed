"""Domains and mail servers of the large mailbox providers."""

import pytest

from mailrith.delivery.pacing.mailbox_providers import group_of_hosts, known_group


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        ("gmail.com", "google"),
        ("googlemail.com", "google"),
        ("hotmail.co.uk", "microsoft"),
        ("aol.com", "yahoo"),
        ("me.com", "apple"),
        ("web.de", "united-internet"),
    ],
)
def test_the_domains_of_a_provider_are_one_group(domain, group):
    assert known_group(domain) == group


def test_any_other_domain_belongs_to_nobody():
    assert known_group("readers.example") is None
    assert known_group("notgmail.com") is None


@pytest.mark.parametrize(
    ("hosts", "group"),
    [
        (["aspmx.l.google.com"], "google"),
        (["firm-example.mail.protection.outlook.com."], "microsoft"),
        (["MTA7.AM0.YAHOODNS.NET"], "yahoo"),
        (["mx1.firm.example", "mxa.eu.pphosted.com"], "proofpoint"),
    ],
)
def test_a_domain_belongs_to_whoever_runs_its_mail_servers(hosts, group):
    assert group_of_hosts(hosts) == group


@pytest.mark.parametrize("hosts", [[], ["mail.readers.example"], ["evilgoogle.com"], [""], ["."]])
def test_mail_servers_of_its_own_are_no_group(hosts):
    assert group_of_hosts(hosts) is None
