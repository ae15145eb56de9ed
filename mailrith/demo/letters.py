"""Three letters of a made-up newsletter, in the Markdown of the composer."""

SENT_SUBJECT = "Seed swap on Saturday, and the first asparagus"
SENT_PREVIEW = "Bring what you saved, take what you like."
SENT = """\
Good morning [Subscriber_Name, fallback="friend"],

The hall is ours from ten on Saturday. Bring the seeds you saved last autumn, labelled if you can, and take home whatever you like.

## What people are bringing

- **Climbing beans**, three kinds, from plot 14
- **Sweet peas**, saved by Ines for eleven years
- Far too many **courgettes** to be polite about

> A seed you were given grows better. We have no proof, and no doubt.

The first asparagus came up on Tuesday. Cut it at a hand's height and eat it the same day.

[See the times and the map](https://allotmentpost.example/swap "button")

Until Saturday,
Hannah
"""

SCHEDULED_SUBJECT = "Water before breakfast"
SCHEDULED_PREVIEW = "Why the hour matters more than the amount."
SCHEDULED = """\
Dear [Subscriber_Name, fallback="friend"],

It has not rained for two weeks, and the queue at the tap is longest at six in the evening, which is the worst time to water.

## Before breakfast

1. Water the soil, not the leaves.
2. Once, and deep, every third day.
3. Mulch while it is still wet.

The water that reaches the roots before the sun does is worth twice what you pour on at night.

Hannah
"""

DRAFT_SUBJECT = "The hungry gap, and what to eat in it"
DRAFT_PREVIEW = "Three weeks with almost nothing in the ground. Almost."
DRAFT = """\
Good morning [Subscriber_Name, fallback="friend"],

There are three weeks in the year when an allotment gives you almost nothing. The leeks have bolted, the kale is in flower, and the broad beans are ten inches of promise. Growers call it *the hungry gap*, and it opened on Sunday at about four in the afternoon.

> This used to be the season people feared. For us it is only an invitation to cook differently.

## What is actually ready

- **Purple sprouting broccoli**, the last of it. Cut it every two days and it keeps coming.
- **Rhubarb**, which does not know about any of this.
- **Wild garlic**, on [the north bank by the gate](https://allotmentpost.example/gate). Take one leaf in five.

## One supper for the gap

Blanch the broccoli for two minutes. Warm a lot of olive oil with an anchovy and more garlic than seems polite. Toss, and eat it with bread.

[Read the whole recipe](https://allotmentpost.example/supper "button")

Until Tuesday,
Hannah
"""
