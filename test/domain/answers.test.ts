import { describe, expect, it } from 'vitest';
import { type AnswerKind, answerIn } from '../../src/domain/contacts/answers.ts';

/** Names that tools give their events, by what they say of the contact. */
const TOLD: readonly [tool: string, kind: AnswerKind, names: string[]][] = [
  ['HubSpot', 'complained', ['Marked Spam', 'SPAMREPORT', 'Marked email as spam']],
  ['HubSpot', 'unsubscribed', ['Unsubscribed Email', 'Opted Out of Email', 'UNSUBSCRIBED']],
  ['HubSpot', 'bounced', ['BOUNCE', 'Hard Bounce', 'Email Hard Bounced']],
  ['HubSpot', 'replied', ['Email Replied', 'Replied to Sales Email', 'Incoming Email', 'hs_email_reply']],
  ['HubSpot', 'booked', ['Meeting Booked', 'Meeting Scheduled', 'Booked Meeting']],
  ['Segment', 'complained', ['Email Marked as Spam', 'Email Marked As Spam']],
  ['Segment', 'unsubscribed', ['Unsubscribed']],
  ['Segment', 'bounced', ['Email Bounced']],
  ['Mailchimp', 'unsubscribed', ['unsubscribe', 'unsub']],
  ['Mailchimp', 'bounced', ['cleaned', 'hard_bounce', 'soft_bounce']],
  ['Mailchimp', 'complained', ['spam', 'abuse']],
  ['SendGrid', 'complained', ['spamreport', 'Spam Report']],
  ['SendGrid', 'unsubscribed', ['unsubscribe', 'group_unsubscribe']],
  ['SendGrid', 'bounced', ['bounce']],
  ['Postmark', 'complained', ['SpamComplaint', 'Spam Complaint']],
  ['Postmark', 'bounced', ['HardBounce', 'SoftBounce', 'Bounce']],
  ['Customer.io', 'complained', ['email_spammed']],
  ['Customer.io', 'unsubscribed', ['customer_unsubscribed', 'email_unsubscribed']],
  ['Customer.io', 'bounced', ['email_bounced']],
  ['lemlist', 'replied', ['emailsReplied', 'linkedinReplied', 'emailsInterested', 'emailsNotInterested']],
  ['lemlist', 'unsubscribed', ['emailsUnsubscribed']],
  ['lemlist', 'bounced', ['emailsBounced']],
  ['Instantly', 'replied', ['reply_received', 'lead_interested', 'lead_not_interested', 'lead_wrong_person']],
  ['Instantly', 'unsubscribed', ['lead_unsubscribed']],
  ['Instantly', 'bounced', ['email_bounced']],
  ['Instantly', 'booked', ['lead_meeting_booked', 'lead_meeting_completed']],
  ['Smartlead', 'replied', ['EMAIL_REPLY']],
  ['Smartlead', 'unsubscribed', ['LEAD_UNSUBSCRIBED']],
  ['Smartlead', 'bounced', ['EMAIL_BOUNCE']],
  ['Apollo', 'replied', ['Email Replied', 'emailer_message_replied', 'Reply Received', 'Not Interested']],
  ['Apollo', 'booked', ['Meeting Set', 'Demo Scheduled']],
  ['Outreach', 'replied', ['mailing.replied', 'prospect.replied']],
  ['Outreach', 'unsubscribed', ['prospect.optedOut', 'Prospect Opted Out']],
  ['Outreach', 'bounced', ['mailing.bounced']],
  ['Salesloft', 'replied', ['email_replied', 'Reply']],
  ['Salesloft', 'booked', ['meeting_booked']],
  ['Calendly', 'booked', ['invitee.created', 'Calendly Invitee Created', 'Event Scheduled']],
  ['Cal.com', 'booked', ['BOOKING_CREATED', 'BOOKING_RESCHEDULED']],
  ['Brevo', 'complained', ['spam', 'complaint']],
  ['Brevo', 'bounced', ['hardBounce', 'invalid_email']],
  ['Mailgun', 'bounced', ['permanent_fail']],
  ['Resend', 'bounced', ['email.bounced']],
  ['Resend', 'complained', ['email.complained']],
  ['Loops', 'complained', ['email.spamReported']],
  ['Loops', 'bounced', ['email.hardBounced']],
  ['Klaviyo', 'complained', ['Marked Email as Spam']],
  ['Klaviyo', 'bounced', ['Bounced Email']],
  ['Klaviyo', 'unsubscribed', ['Unsubscribed from Email Marketing']],
  ['Woodpecker', 'replied', ['prospect_replied', 'prospect_interested']],
  ['Woodpecker', 'unsubscribed', ['prospect_opt_out']],
  ['Intercom', 'replied', ['conversation.user.replied']],
  ['people', 'booked', ['Call Booked', 'Booked a Call', 'Scheduled a Demo', 'Demo Call Scheduled']],
  ['people', 'unsubscribed', ['Do Not Contact']],
  ['people', 'complained', ['Reported as Spam', 'Marked as Junk']],
];

/** Names that hold such words, or stand beside them, and say no such thing. */
const NO_ANSWERS = [
  ...['Email Opened', 'Email Delivered', 'email_sent', 'EMAIL_LINK_CLICK', 'Received Email', 'delivered', 'processed'],
  ...['auto_replied', 'auto_reply_received', 'Out of Office Reply', 'Reply Sent', 'conversation.admin.replied'],
  ...['Booking Cancelled', 'invitee.canceled', 'Booking Page Viewed', 'Meeting Link Clicked', 'Meeting Reminder Sent'],
  ...['Resubscribed', 'group_resubscribe', 'Subscribed', 'Bounce Rate', 'Session Bounced', 'Spam Score Checked'],
  ...['Pricing Viewed', 'Interested in Pricing', 'Order Completed', 'Account Created', 'Form Submitted', 'Call Logged'],
];

describe('an event by which a contact answered', () => {
  it.each(TOLD)('is known under the names that %s gives: %s', (_tool, kind, names) => {
    for (const name of names) {
      expect([name, answerIn({ type: 'track', name })]).toEqual([name, kind]);
      expect([name, answerIn({ type: name })]).toEqual([name, kind]);
    }
  });

  it.each(NO_ANSWERS)('is none that is called "%s"', (name) => {
    expect(answerIn({ type: 'track', name })).toBeUndefined();
    expect(answerIn({ type: name })).toBeUndefined();
  });

  it('is no page that somebody looked at, whatever its name', () => {
    expect(answerIn({ type: 'page', name: 'Unsubscribe' })).toBeUndefined();
  });
});
